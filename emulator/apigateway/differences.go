package apigateway

// differences is how operations differ from AWS's; one that is not here answers as AWS does, as
// far as is known.
var differences = map[string]string{
	"CreateDeployment":           "the stage serves at once; on AWS it takes seconds",
	"CreateApiKey":               "the id is never the value, whatever generateDistinctId says; stageKeys are kept and mean nothing",
	"CreateUsagePlan":            "errors about numbers have words of our own; a throttle without rateLimit limits nothing, one without burstLimit has 5000",
	"CreateUsagePlanKey":         "the words of conflicts are not recorded",
	"CreateRestApi":              "the tag `_custom_id_` chooses the id",
	"CreateStage":                "a cache cluster is available at once",
	"DeleteStage":                "the stage leaves its usage plans",
	"FlushStageAuthorizersCache": "done when it returns",
	"FlushStageCache":            "done when it returns",
	"GetUsage":                   "up to the last request; what was left on past days is reckoned with the quota of now; without a quota 0 is left",
	"ImportApiKeys":              "the words of warnings and errors are not recorded",
	"UpdateApiKey":               "/labels is refused; /stages are kept and mean nothing",
	"UpdateUsage":                "takes effect at once",
	"UpdateUsagePlan":            "takes effect at once; errors about numbers have words of our own",
	"UpdateStage":                "settings take effect at once; a cache cluster is available at once",
}
