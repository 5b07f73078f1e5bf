package integration

import (
	"strings"

	"postern/apigw"
)

// LogInvoke prints the call of a function as the request to Lambda that it is on AWS.
//
// Unlike AWS, the headers have no X-Amz-Security-Token, and the Authorization that AWS masks
// stands for no signature: the function is called without leaving the process.
func LogInvoke(x *apigw.Exchange, call *apigw.InvokeRequest) {
	if x.Log == nil {
		return
	}
	api := x.Stage.APIID
	header := apigw.Header{
		{Name: "x-amzn-lambda-integration-tag", Value: x.Request.ID},
		{Name: "Authorization", Value: strings.Repeat("*", 30)},
		{Name: "X-Amz-Date", Value: x.Clock().UTC().Format("20060102T150405Z")},
		{Name: apiIDHeader, Value: api},
	}
	if x.Request.Test == nil || strings.Contains(call.SourceARN, "/authorizers/") {
		header.Add("X-Amz-Source-Arn", call.SourceARN)
	}
	header.Add("Accept", "application/json")
	header.Add("User-Agent", userAgent+api)
	if call.InvocationType != "" {
		header.Add("X-Amz-Invocation-Type", call.InvocationType)
	}
	logRequest(x, invokeURL(call), header, call.Payload)
}

// invokeURL is Lambda's for a function.
func invokeURL(call *apigw.InvokeRequest) string {
	region := regionOf(call.FunctionARN)
	suffix := "/invocations"
	if call.Stream {
		suffix = "/response-streaming-invocations"
	}
	return "https://lambda." + region + ".amazonaws.com/2015-03-31/functions/" + call.FunctionARN + suffix
}

// regionOf is the region of a function's ARN.
func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}
