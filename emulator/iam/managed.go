package iam

import (
	"postern/emulator/lazyregexp"
	"time"
)

// managedPrefix begins the ARN of AWS's own policies; a path follows.
const managedPrefix = "arn:aws:iam::aws:policy"

var managedPattern = lazyregexp.New(`^arn:aws:iam::aws:policy/([\w+=,.@-]+/)*([\w+=,.@-]+)$`)

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

// A managedPolicy is a policy of AWS's in its latest version.
type managedPolicy struct {
	name, path, id, description string
	created                     time.Time
	document                    string
	version                     string    // "" is v1
	updated                     time.Time // of a later version
}

func (m managedPolicy) policy() policy {
	if m.version == "" {
		m.version, m.updated = "v1", m.created
	}
	return policy{
		ARN: managedPrefix + m.path + m.name, Name: m.name, ID: m.id, Path: m.path, Description: &m.description,
		Created: m.created, Updated: m.updated, Default: m.version,
		Versions: []version{{ID: m.version, Document: m.document, Created: m.updated}},
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
	{
		name: "AdministratorAccess", path: "/", id: "ANPAIWMBCKSKIEE64ZLYK",
		description: "Provides full access to AWS services and resources.",
		created:     time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC),
		document:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	},
	{
		name: "AmazonAPIGatewayAdministrator", path: "/", id: "ANPAJ4PT6VY5NLKTNUYSI",
		description: "Provides full access to create/edit/delete APIs in Amazon API Gateway via the AWS Management Console.",
		created:     time.Date(2015, 7, 9, 17, 34, 45, 0, time.UTC),
		document:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["apigateway:*"],"Resource":"arn:aws:apigateway:*::/*"}]}`,
	},
	{
		name: "AmazonAPIGatewayInvokeFullAccess", path: "/", id: "ANPAIIWAX2NOOQJ4AIEQ6", version: "v2",
		description: "Provides full access to invoke APIs in Amazon API Gateway.",
		created:     time.Date(2015, 7, 9, 17, 36, 12, 0, time.UTC), updated: time.Date(2018, 12, 18, 18, 25, 10, 0, time.UTC),
		document: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["execute-api:Invoke","execute-api:ManageConnections"],"Resource":"arn:aws:execute-api:*:*:*"}]}`,
	},
}
