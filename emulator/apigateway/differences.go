package apigateway

// differences is how operations differ from AWS's; one that is not here answers as AWS does, as
// far as is known.
var differences = map[string]string{
	"CreateApiKey":                      "the id is never the value, whatever generateDistinctId says; stageKeys are kept and mean nothing",
	"CreateBasePathMapping":             "takes effect at once",
	"CreateDeployment":                  "the stage serves at once; on AWS it takes seconds",
	"CreateDomainName":                  "available at once; a name exists once among all accounts and regions; a truststore is the file that `--truststore` names; of a security policy only the lowest TLS version counts",
	"CreateDomainNameAccessAssociation": "the domain name must be of the caller's account",
	"CreateRestApi":                     "the tag `_custom_id_` chooses the id",
	"CreateStage":                       "a cache cluster is available at once",
	"CreateUsagePlan":                   "errors about numbers have words of our own; a throttle without rateLimit limits nothing, one without burstLimit has 5000",
	"CreateUsagePlanKey":                "the words of conflicts are not recorded",
	"DeleteStage":                       "the stage leaves its usage plans",
	"FlushStageAuthorizersCache":        "done when it returns",
	"FlushStageCache":                   "done when it returns",
	"GetDomainNameAccessAssociations":   "other accounts share none",
	"GetDomainNames":                    "other accounts share none",
	"GetExport":                         "no extensions for Postman; endpoint types are written, so that they come back",
	"GetModelTemplate":                  "example values and the order of members are as seen of AWS, not documented",
	"GetUsage":                          "up to the last request; what was left on past days is reckoned with the quota of now; without a quota 0 is left",
	"ImportApiKeys":                     "the words of warnings and errors are not recorded",
	"ImportDocumentationParts":          "descriptions outside of the documentation extension are no parts",
	"ImportRestApi":                     "a line for what is no document; at most 3000 resources; unknown parameters are refused; see ImportDocumentationParts",
	"PutRestApi":                        "as ImportRestApi",
	"RejectDomainNameAccessAssociation": "deletes the association, which is the account's own",
	"TestInvokeMethod":                  "headers are logged by name, not in the order of a hash table; the masked Authorization of a call to Lambda stands for none, as functions are called within the process",
	"UpdateApiKey":                      "/labels is refused; /stages are kept and mean nothing",
	"UpdateDomainName":                  "takes effect at once; while there are two endpoint types the regional certificate is served",
	"UpdateStage":                       "settings take effect at once; a cache cluster is available at once",
	"UpdateUsage":                       "takes effect at once",
	"UpdateUsagePlan":                   "takes effect at once; errors about numbers have words of our own",
}
