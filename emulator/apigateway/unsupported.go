package apigateway

const (
	vpcLinks      = "VPC links are not emulated yet"
	certificates  = "client certificates are not emulated yet"
	documentation = "documentation parts and versions are not emulated yet"
	openapi       = "OpenAPI documents are not imported and exported yet"
	sdks          = "SDKs are not generated"
	testInvoke    = "methods can only be called through a stage yet"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"CreateDocumentationPart":    documentation,
	"CreateDocumentationVersion": documentation,
	"CreateVpcLink":              vpcLinks,
	"DeleteClientCertificate":    certificates,
	"DeleteDocumentationPart":    documentation,
	"DeleteDocumentationVersion": documentation,
	"DeleteVpcLink":              vpcLinks,
	"GenerateClientCertificate":  certificates,
	"GetClientCertificate":       certificates,
	"GetClientCertificates":      certificates,
	"GetDocumentationPart":       documentation,
	"GetDocumentationParts":      documentation,
	"GetDocumentationVersion":    documentation,
	"GetDocumentationVersions":   documentation,
	"GetExport":                  openapi,
	"GetSdk":                     sdks,
	"GetSdkType":                 sdks,
	"GetSdkTypes":                sdks,
	"GetVpcLink":                 vpcLinks,
	"GetVpcLinks":                vpcLinks,
	"ImportDocumentationParts":   documentation,
	"ImportRestApi":              openapi,
	"PutRestApi":                 openapi,
	"TestInvokeAuthorizer":       testInvoke,
	"TestInvokeMethod":           testInvoke,
	"UpdateClientCertificate":    certificates,
	"UpdateDocumentationPart":    documentation,
	"UpdateDocumentationVersion": documentation,
	"UpdateVpcLink":              vpcLinks,
}
