package apigatewayv2

// differences is how what is served differs from AWS.
var differences = map[string]string{
	"CreateApiMapping":  "takes effect at once",
	"CreateDomainName":  "available at once; a name exists once among all accounts and regions; a truststore is the file that `--truststore` names",
	"CreateRoutingRule": "takes effect at once",
	"CreateStage":       "detailedMetricsEnabled is stored and has no effect",
	"CreateVpcLink":     "available when next looked at; any subnets and security groups will do",
	"UpdateDomainName":  "takes effect at once",
	"ExportApi":         "the words of errors are not recorded; paths are sorted; integrations that routes share are written once; signed routes have the scheme sigv4",
	"ImportApi":         "a line for what is no document; the words for all but payload versions, URIs, authorizers, schemas, unexpected members and paths without a slash are not recorded",
	"ReimportApi":       "a document without a title keeps the name, one without tags the tags; see ImportApi",
	"UpdateStage":       "see CreateStage",

	"CreatePortal":                  "a portal with Cognito authorization shows nothing to its readers; its logo and its CloudWatch RUM monitor are kept and without effect, which the log says when it is published",
	"CreateProductRestEndpointPage": "available at once; where try it is enabled the page has a command for a shell",
	"DisablePortal":                 "takes effect at once",
	"ListPortalProducts":            "other accounts share none",
	"PreviewPortal":                 "ready at once, at Postern's own address and for good",
	"PublishPortal":                 "takes effect at once, at `/_postern/portals/{portalId}/`, at the portal's default domain name and at its own",
	"PutPortalProductSharingPolicy": "kept for reading: nothing is shared with other accounts",
}
