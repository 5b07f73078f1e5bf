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
}
