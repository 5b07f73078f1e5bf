package apigateway

// differences is how operations differ from AWS's; one that is not here answers as AWS does, as
// far as is known.
var differences = map[string]string{
	"CreateDeployment":           "the stage serves at once; on AWS it takes seconds",
	"CreateRestApi":              "the tag `_custom_id_` chooses the id",
	"CreateStage":                "a cache cluster is available at once",
	"FlushStageAuthorizersCache": "done when it returns",
	"FlushStageCache":            "done when it returns",
	"GetModelTemplate":           "example values and the order of members are as seen of AWS, not documented",
	"UpdateStage":                "settings take effect at once; a cache cluster is available at once",
}
