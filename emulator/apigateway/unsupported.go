package apigateway

const (
	testInvoke = "methods can only be called through a stage yet"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"TestInvokeAuthorizer": testInvoke,
}
