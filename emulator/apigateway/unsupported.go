package apigateway

const (
	apiKeys       = "API keys are not emulated yet"
	usagePlans    = "usage plans are not emulated yet"
	domainNames   = "custom domain names are not emulated yet"
	vpcLinks      = "VPC links are not emulated yet"
	certificates  = "client certificates are not emulated yet"
	documentation = "documentation parts and versions are not emulated yet"
	openapi       = "OpenAPI documents are not imported and exported yet"
	sdks          = "SDKs are not generated"
	testInvoke    = "methods can only be called through a stage yet"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"CreateApiKey":                      apiKeys,
	"CreateBasePathMapping":             domainNames,
	"CreateDocumentationPart":           documentation,
	"CreateDocumentationVersion":        documentation,
	"CreateDomainName":                  domainNames,
	"CreateDomainNameAccessAssociation": domainNames,
	"CreateUsagePlan":                   usagePlans,
	"CreateUsagePlanKey":                usagePlans,
	"CreateVpcLink":                     vpcLinks,
	"DeleteApiKey":                      apiKeys,
	"DeleteBasePathMapping":             domainNames,
	"DeleteClientCertificate":           certificates,
	"DeleteDocumentationPart":           documentation,
	"DeleteDocumentationVersion":        documentation,
	"DeleteDomainName":                  domainNames,
	"DeleteDomainNameAccessAssociation": domainNames,
	"DeleteUsagePlan":                   usagePlans,
	"DeleteUsagePlanKey":                usagePlans,
	"DeleteVpcLink":                     vpcLinks,
	"GenerateClientCertificate":         certificates,
	"GetApiKey":                         apiKeys,
	"GetApiKeys":                        apiKeys,
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
	"GetSdk":                            sdks,
	"GetSdkType":                        sdks,
	"GetSdkTypes":                       sdks,
	"GetUsage":                          usagePlans,
	"GetUsagePlan":                      usagePlans,
	"GetUsagePlanKey":                   usagePlans,
	"GetUsagePlanKeys":                  usagePlans,
	"GetUsagePlans":                     usagePlans,
	"GetVpcLink":                        vpcLinks,
	"GetVpcLinks":                       vpcLinks,
	"ImportApiKeys":                     apiKeys,
	"ImportDocumentationParts":          documentation,
	"ImportRestApi":                     openapi,
	"PutRestApi":                        openapi,
	"RejectDomainNameAccessAssociation": domainNames,
	"TestInvokeAuthorizer":              testInvoke,
	"TestInvokeMethod":                  testInvoke,
	"UpdateApiKey":                      apiKeys,
	"UpdateBasePathMapping":             domainNames,
	"UpdateClientCertificate":           certificates,
	"UpdateDocumentationPart":           documentation,
	"UpdateDocumentationVersion":        documentation,
	"UpdateDomainName":                  domainNames,
	"UpdateUsage":                       usagePlans,
	"UpdateUsagePlan":                   usagePlans,
	"UpdateVpcLink":                     vpcLinks,
}
