package iam

import (
	"regexp"
	"time"
)

// managedPrefix begins the ARN of AWS's own policies; a path follows.
const managedPrefix = "arn:aws:iam::aws:policy"

var managedPattern = regexp.MustCompile(`^arn:aws:iam::aws:policy/([\w+=,.@-]+/)*([\w+=,.@-]+)$`)

// managed finds one of AWS's own policies. Any well-formed name may be attached to
// a role, for the list of them is long and changes; only those that functions and
// APIs usually have can be read.
func managed(arn string) (policy, bool) {
	for _, m := range managedPolicies {
		if managedPrefix+m.path+m.name == arn {
			return m.policy(), true
		}
	}
	return policy{}, false
}

// A managedPolicy is a policy of AWS's that never had a second version.
type managedPolicy struct {
	name, path, id, description string
	created                     time.Time
	document                    string
}

func (m managedPolicy) policy() policy {
	return policy{
		ARN: managedPrefix + m.path + m.name, Name: m.name, ID: m.id, Path: m.path, Description: &m.description,
		Created: m.created, Updated: m.created, Default: "v1",
		Versions: []version{{ID: "v1", Document: m.document, Created: m.created}},
	}
}

// managedPolicies are as AWS publishes them (AWS Managed Policy Reference, read 2026-11).
var managedPolicies = []managedPolicy{
	{
		name: "AWSLambdaBasicExecutionRole", path: "/service-role/", id: "ANPAJNCQGXC42545SKXIK",
		description: "Provides write permissions to CloudWatch Logs.",
		created:     time.Date(2015, 4, 9, 15, 3, 43, 0, time.UTC),
		document:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
	},
	{
		name: "AWSLambdaRole", path: "/service-role/", id: "ANPAJX4DPCRGTC4NFDUXI",
		description: "Default policy for AWS Lambda service role.",
		created:     time.Date(2015, 2, 6, 18, 41, 28, 0, time.UTC),
		document:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["*"]}]}`,
	},
	{
		name: "AmazonAPIGatewayPushToCloudWatchLogs", path: "/service-role/", id: "ANPAIK4GFO7HLKYN64ASK",
		description: "Allows API Gateway to push logs to user's account.",
		created:     time.Date(2015, 11, 11, 23, 41, 46, 0, time.UTC),
		document:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:DescribeLogGroups","logs:DescribeLogStreams","logs:PutLogEvents","logs:GetLogEvents","logs:FilterLogEvents"],"Resource":"*"}]}`,
	},
}
