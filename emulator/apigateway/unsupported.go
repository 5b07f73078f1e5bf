package apigateway

const (
	domainNames   = "custom domain names are not emulated yet"
	vpcLinks      = "VPC links are not emulated yet"
	certificates  = "client certificates are not emulated yet"
	documentation = "documentation parts and versions are not emulated yet"
	openapi       = "OpenAPI documents are not imported and exported yet"
	sdks          = "SDKs are not generated"
	testInvoke    = "methods can only be called through a stage yet"
	templates     = "mapping templates are not generated from models yet"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"CreateBasePathMapping":             domainNames,
	"CreateDocumentationPart":           documentation,
	"CreateDocumentationVersion":        documentation,
	"CreateDomainName":                  domainNames,
	"CreateDomainNameAccessAssociation": domainNames,
	"CreateVpcLink":                     vpcLinks,
	"DeleteBasePathMapping":             domainNames,
	"DeleteClientCertificate":           certificates,
	"DeleteDocumentationPart":           documentation,
	"DeleteDocumentationVersion":        documentation,
	"DeleteDomainName":                  domainNames,
	"DeleteDomainNameAccessAssociation": domainNames,
	"DeleteVpcLink":                     vpcLinks,
	"GenerateClientCertificate":         certificates,
	"GetBasePathMapping":                domainNames,
	"GetBasePathMappings":               domainNames,
	"GetClientCertificate":              certificates,
	"GetClientCertificates":             certificates,
	"GetDocumentationPart":              documentation,
	"GetDocumentationParts":             documentation,
	"GetDocumentationVersion":           documentation,
	"GetDocumentationVersions":          documentation,
	"GetDomainName":                     domainNames,
	"GetDomainNameAccessAssociations":   domainNames,
	"GetDomainNames":                    domainNames,
	"GetExport":                         openapi,
	"GetModelTemplate":                  templates,
	"GetSdk":                            sdks,
	"GetSdkType":                        sdks,
	"GetSdkTypes":                       sdks,
	"GetVpcLink":                        vpcLinks,
	"GetVpcLinks":                       vpcLinks,
	"ImportDocumentationParts":          documentation,
	"ImportRestApi":                     openapi,
	"PutRestApi":                        openapi,
	"RejectDomainNameAccessAssociation": domainNames,
	"TestInvokeAuthorizer":              testInvoke,
	"TestInvokeMethod":                  testInvoke,
	"UpdateBasePathMapping":             domainNames,
	"UpdateClientCertificate":           certificates,
	"UpdateDocumentationPart":           documentation,
	"UpdateDocumentationVersion":        documentation,
	"UpdateDomainName":                  domainNames,
	"UpdateVpcLink":                     vpcLinks,
}
