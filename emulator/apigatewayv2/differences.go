package apigatewayv2

// differences is how what is served differs from AWS.
var differences = map[string]string{
	"CreateApiMapping":  "takes effect at once",
	"CreateDomainName":  "available at once; a name exists once among all accounts and regions; a truststore is the file that `--truststore` names",
	"CreateRoutingRule": "takes effect at once",
	"CreateVpcLink":     "available when next looked at; any subnets and security groups will do",
	"UpdateDomainName":  "takes effect at once",
}
