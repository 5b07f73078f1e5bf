package apigateway

const (
	vpcLinks     = "VPC links are not emulated yet"
	certificates = "client certificates are not emulated yet"
	testInvoke   = "methods can only be called through a stage yet"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"CreateVpcLink":             vpcLinks,
	"DeleteClientCertificate":   certificates,
	"DeleteVpcLink":             vpcLinks,
	"GenerateClientCertificate": certificates,
	"GetClientCertificate":      certificates,
	"GetClientCertificates":     certificates,
	"GetVpcLink":                vpcLinks,
	"GetVpcLinks":               vpcLinks,
	"TestInvokeAuthorizer":      testInvoke,
	"UpdateClientCertificate":   certificates,
	"UpdateVpcLink":             vpcLinks,
}
