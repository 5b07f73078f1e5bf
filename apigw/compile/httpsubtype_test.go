package compile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw/compile"
	"postern/apigw/firstclass"
	"postern/apigw/gateway"
	"postern/apigw/service"
	"postern/emulator/wire/sigv4"
)

// roleKeys give every role keys of its own.
type roleKeys struct{}

func (roleKeys) Assume(_ context.Context, role string) (aws.Credentials, error) {
	if strings.HasSuffix(role, "/nobody") {
		return aws.Credentials{}, errors.New("there is no such role")
	}
	return aws.Credentials{AccessKeyID: role, SecretAccessKey: "secret of " + role, SessionToken: "token", CanExpire: true, Expires: time.Now().Add(time.Hour)}, nil
}

func (roleKeys) Caller(context.Context, string) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("nobody called")
}

// A servicePeer stands for an AWS service: it refuses what the role did not sign for it.
type servicePeer struct {
	url    string
	got    *http.Request
	body   string
	region string
	status int
	answer string
}

const integrationRole = "role/integration"

func newServicePeer(t *testing.T, signing string) *servicePeer {
	p := &servicePeer{status: 200, answer: `{"ok":true}`}
	secret := func(_ context.Context, id string) (string, bool) { return "secret of " + id, id == integrationRole }
	v := sigv4.Verifier{Secret: secret, Now: time.Now, Skew: time.Minute, Service: signing}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signed, err := v.Verify(r.Context(), r, body)
		if err != nil || signed.Token != "token" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		p.got, p.body, p.region = r, string(body), signed.Region
		w.Header().Set("Content-Type", "text/of-the-service")
		w.Header().Set("X-Amzn-RequestId", "from-the-peer")
		w.WriteHeader(p.status)
		io.WriteString(w, p.answer)
	}))
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

// serveSubtype serves POST /{id} of an HTTP API with the integration.
func serveSubtype(t *testing.T, endpoints map[string]string, subtype string, parameters map[string]string) *server {
	t.Helper()
	e, err := service.NewEndpoints(endpoints, "")
	if err != nil {
		t.Fatal(err)
	}
	def := compile.V2{
		AccountID: "111122223333", Region: "eu-west-1", API: types.Api{ApiId: aws.String("api1234567"), ProtocolType: types.ProtocolTypeHttp},
		Stage:  types.Stage{StageName: aws.String("prod"), StageVariables: map[string]string{"queue": "q1"}},
		Routes: []types.Route{{RouteKey: aws.String("POST /{id}"), Target: aws.String("integrations/i")}},
		Integrations: []types.Integration{{
			IntegrationId: aws.String("i"), IntegrationType: types.IntegrationTypeAwsProxy, IntegrationSubtype: &subtype,
			CredentialsArn: aws.String(integrationRole), RequestParameters: parameters,
		}},
	}
	s := &server{t: t, warnings: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.warnings, nil))
	stage, err := compile.BuildHTTP(def, compile.Deps{Services: service.NewClient(e, roleKeys{}, time.Now), Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Options{Logger: log})
	g.Publish(stage)
	front := httptest.NewServer(g)
	t.Cleanup(front.Close)
	s.url = front.URL + "/_aws/execute-api/" + stage.APIID + "/" + stage.Name
	return s
}

// Each case is a subtype, the parameters that it is given, and the request as the service reads it.
// (Parameters: HTTP API guide, "Integration subtype reference"; requests: the services' API references, read 2026-11.)
func TestSubtypesCallTheirServices(t *testing.T) {
	const queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/${stageVariables.queue}"
	for _, c := range []struct {
		subtype, service string
		parameters       map[string]string
		verb, path       string
		target           string
		query, form      url.Values
		json             string
		region           string
	}{
		{subtype: "EventBridge-PutEvents", service: "events", target: "AWSEvents.PutEvents",
			parameters: map[string]string{"Detail": "$request.body", "DetailType": "order.$request.path.id", "Source": "$request.header.x-source"},
			json:       `{"Entries": [{"Detail": "{\"n\":1,\"s\":\"a \\\"b\\\"\",\"l\":[\"x\",\"y\"]}", "DetailType": "order.7", "Source": "shop,web"}]}`},
		{subtype: "EventBridge-PutEvents", service: "events", target: "AWSEvents.PutEvents", region: "us-west-2",
			parameters: map[string]string{"Detail": `{"said": "${request.body.s}", "n": $request.body.n}`, "DetailType": "t", "Source": "s", "Time": "2026-11-27T06:00:00.5Z",
				"EventBusName": "bus", "Resources": "$request.body.l", "Region": "us-west-2", "TraceHeader": "Root=1-1-1"},
			json: `{"Entries": [{"Detail": "{\"said\": \"a \\\"b\\\"\", \"n\": 1}", "DetailType": "t", "Source": "s", "Time": 1795759200.5, "EventBusName": "bus", "Resources": ["x", "y"], "TraceHeader": "Root=1-1-1"}]}`},
		{subtype: "SQS-SendMessage", service: "sqs", path: "/111122223333/q1",
			parameters: map[string]string{"QueueUrl": queue, "MessageBody": "$request.body"},
			form: url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"https://sqs.eu-west-1.amazonaws.com/111122223333/q1"},
				"MessageBody": {`{"n":1,"s":"a \"b\"","l":["x","y"]}`}}},
		{subtype: "SQS-SendMessage", service: "sqs", path: "/1/q.fifo",
			parameters: map[string]string{"QueueUrl": "http://localhost:9324/1/q.fifo", "MessageBody": "$request.body.n", "DelaySeconds": "5", "MessageDeduplicationId": "$request.path.id", "MessageGroupId": "g",
				"MessageAttributes":       `{"Z": {"DataType": "String", "StringValue": "$request.body.s"}, "A": {"DataType": "Binary", "BinaryValue": "MQ=="}}`,
				"MessageSystemAttributes": `{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}`},
			form: url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://localhost:9324/1/q.fifo"}, "MessageBody": {"1"}, "DelaySeconds": {"5"}, "MessageDeduplicationId": {"7"}, "MessageGroupId": {"g"},
				"MessageAttribute.1.Name": {"A"}, "MessageAttribute.1.Value.DataType": {"Binary"}, "MessageAttribute.1.Value.BinaryValue": {"MQ=="},
				"MessageAttribute.2.Name": {"Z"}, "MessageAttribute.2.Value.DataType": {"String"}, "MessageAttribute.2.Value.StringValue": {`a "b"`},
				"MessageSystemAttribute.1.Name": {"AWSTraceHeader"}, "MessageSystemAttribute.1.Value.DataType": {"String"}, "MessageSystemAttribute.1.Value.StringValue": {"Root=1"}}},
		{subtype: "SQS-ReceiveMessage", service: "sqs", path: "/1/q",
			parameters: map[string]string{"QueueUrl": "http://x/1/q", "AttributeNames": `["SenderId","SentTimestamp"]`, "MaxNumberOfMessages": "2", "MessageAttributeNames": "a, b", "ReceiveRequestAttemptId": "r", "VisibilityTimeout": "3", "WaitTimeSeconds": "0"},
			form: url.Values{"Action": {"ReceiveMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://x/1/q"}, "AttributeName.1": {"SenderId"}, "AttributeName.2": {"SentTimestamp"}, "MaxNumberOfMessages": {"2"},
				"MessageAttributeName.1": {"a"}, "MessageAttributeName.2": {"b"}, "ReceiveRequestAttemptId": {"r"}, "VisibilityTimeout": {"3"}, "WaitTimeSeconds": {"0"}}},
		{subtype: "SQS-DeleteMessage", service: "sqs", path: "/1/q", parameters: map[string]string{"QueueUrl": "http://x/1/q", "ReceiptHandle": "$request.header.x-source"},
			form: url.Values{"Action": {"DeleteMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://x/1/q"}, "ReceiptHandle": {"shop,web"}}},
		{subtype: "SQS-PurgeQueue", service: "sqs", parameters: map[string]string{"QueueUrl": "just-a-name"},
			form: url.Values{"Action": {"PurgeQueue"}, "Version": {"2012-11-05"}, "QueueUrl": {"just-a-name"}}},
		{subtype: "AppConfig-GetConfiguration", service: "appconfig", verb: "GET", path: "/applications/a b/environments/prod/configurations/c/d",
			parameters: map[string]string{"Application": "a b", "Environment": "$context.stage", "Configuration": "c/d", "ClientId": "me & you", "ClientConfigurationVersion": "3"},
			query:      url.Values{"client_id": {"me & you"}, "client_configuration_version": {"3"}}},
		{subtype: "Kinesis-PutRecord", service: "kinesis", target: "Kinesis_20131202.PutRecord",
			parameters: map[string]string{"StreamName": "s", "Data": "MQ==", "PartitionKey": "$request.path.id", "SequenceNumberForOrdering": "1", "ExplicitHashKey": "0"},
			json:       `{"StreamName": "s", "Data": "MQ==", "PartitionKey": "7", "SequenceNumberForOrdering": "1", "ExplicitHashKey": "0"}`},
		{subtype: "Kinesis-PutRecord", service: "kinesis", target: "Kinesis_20131202.PutRecord", parameters: map[string]string{"StreamName": "s", "Data": "$request.body.l", "PartitionKey": "k"},
			json: `{"StreamName": "s", "Data": "WyJ4IiwieSJd", "PartitionKey": "k"}`},
		{subtype: "StepFunctions-StartExecution", service: "states", target: "AWSStepFunctions.StartExecution",
			parameters: map[string]string{"StateMachineArn": "arn:m", "Name": "n-$request.path.id", "Input": `{"s":"$request.body.s"}`},
			json:       `{"stateMachineArn": "arn:m", "name": "n-7", "input": "{\"s\":\"a \\\"b\\\"\"}"}`},
		{subtype: "StepFunctions-StartSyncExecution", service: "states", target: "AWSStepFunctions.StartSyncExecution",
			parameters: map[string]string{"StateMachineArn": "arn:m", "Input": "$request.body.l", "TraceHeader": "Root=1"}, json: `{"stateMachineArn": "arn:m", "input": "[\"x\",\"y\"]", "traceHeader": "Root=1"}`},
		{subtype: "StepFunctions-StopExecution", service: "states", target: "AWSStepFunctions.StopExecution",
			parameters: map[string]string{"ExecutionArn": "arn:e", "Cause": "$request.body.s", "Error": "E"}, json: `{"executionArn": "arn:e", "cause": "a \"b\"", "error": "E"}`},
	} {
		t.Run(c.subtype, func(t *testing.T) {
			p := newServicePeer(t, c.service)
			s := serveSubtype(t, map[string]string{c.service: p.url}, c.subtype, c.parameters)
			got := s.call("POST", "/7", `{"n":1,"s":"a \"b\"","l":["x","y"]}`, "X-Source: shop", "X-Source: web")
			if got.status != 200 || got.body != p.answer || got.header.Get("Content-Type") != "text/of-the-service" || got.header.Get("X-Amzn-Requestid") != "from-the-peer" {
				t.Fatalf("%+v", got)
			}
			if verb, path, at := or(c.verb, "POST"), or(c.path, "/"), or(c.region, "eu-west-1"); p.got.Method != verb || p.got.URL.Path != path || p.region != at {
				t.Errorf("%s %s in %s", p.got.Method, p.got.URL.Path, p.region)
			}
			if diff := cmp.Diff(c.query, p.got.URL.Query()); diff != "" && len(c.query)+len(p.got.URL.Query()) > 0 {
				t.Error("query", diff)
			}
			if got := p.got.Header.Get("X-Amz-Target"); got != c.target {
				t.Errorf("X-Amz-Target %q", got)
			}
			if c.form != nil {
				form, _ := url.ParseQuery(p.body)
				if diff := cmp.Diff(c.form, form); diff != "" || !strings.HasPrefix(p.got.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
					t.Error("form", diff, p.got.Header)
				}
			}
			if c.json != "" {
				if diff := cmp.Diff(jsonOf(t, c.json), jsonOf(t, p.body)); diff != "" {
					t.Error("body", diff)
				}
				if ct := p.got.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/x-amz-json-1.") {
					t.Error(ct)
				}
			}
		})
	}
	if n := len(firstclass.Names()); n != 10 {
		t.Errorf("%d subtypes", n)
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func jsonOf(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// Recorded on AWS with Kinesis: LocalStack, test_apigw_v2_http_kinesis_put_record_no_stream.
func TestSubtypesThatFail(t *testing.T) {
	const serverError, bad = `{"message":"Internal Server Error"}`, `{"message":"Bad Request"}`
	given := map[string]string{"StreamName": "$request.body.stream", "Data": "MQ==", "PartitionKey": "k", "ExplicitHashKey": "$request.body.key"}
	p := newServicePeer(t, "kinesis")
	s := serveSubtype(t, map[string]string{"kinesis": p.url}, "Kinesis-PutRecord", given)
	for _, c := range []struct {
		name, body  string
		serviceSays int
		status      int
		answer      string
	}{
		{"a required parameter leads to nothing", `{"key":"1"}`, 200, 400, bad},
		{"an optional parameter leads to nothing", `{"stream":"s"}`, 200, 400, bad},
		{"a required parameter is empty", `{"stream":"","key":"1"}`, 200, 400, bad},
		{"an optional parameter is empty", `{"stream":"s","key":""}`, 200, 400, bad},
		{"the body is no JSON", `stream`, 200, 400, bad},
		{"the service refuses", `{"stream":"none","key":"1"}`, 400, 500, serverError},
		{"the service fails", `{"stream":"s","key":"1"}`, 503, 500, serverError},
		{"all is well", `{"stream":"s","key":"1"}`, 200, 200, p.answer},
	} {
		p.status = c.serviceSays
		if got := s.call("POST", "/7", c.body); got.status != c.status || got.body != c.answer {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}

func TestASubtypeWhoseServiceRunsNowhere(t *testing.T) {
	s := serveSubtype(t, nil, "SQS-PurgeQueue", map[string]string{"QueueUrl": "q"})
	const want = "no endpoint for service sqs: give --service-endpoint sqs=URL"
	if !strings.Contains(s.warnings.String(), want) {
		t.Errorf("the deployment does not say so: %s", s.warnings)
	}
	if got := s.call("POST", "/7", ""); got.status != 503 || got.body != `{"message":"Service Unavailable"}` || strings.Count(s.warnings.String(), want) != 2 {
		t.Errorf("%+v %s", got, s.warnings)
	}
}

func TestSubtypesThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		subtype    string
		parameters map[string]string
		want       string
	}{
		{"SNS-Publish", nil, `there is no integration subtype \"SNS-Publish\"`},
		{"SQS-DeleteMessage", map[string]string{"QueueUrl": "q"}, "missing required parameter ReceiptHandle for integration subtype SQS-DeleteMessage"},
		{"SQS-PurgeQueue", map[string]string{"QueueUrl": "q", "Queue": "q"}, "unrecognized parameter Queue for integration subtype SQS-PurgeQueue: it has QueueUrl, Region"},
		{"SQS-PurgeQueue", map[string]string{"QueueUrl": "$request.cookie.q"}, "parameter QueueUrl: $request.cookie.q: is no reference that mappings know"},
	} {
		s := serveSubtype(t, map[string]string{"sqs": "http://127.0.0.1:1"}, c.subtype, c.parameters)
		if got := s.call("POST", "/7", ""); got.status != 500 || !strings.Contains(s.warnings.String(), c.want) {
			t.Errorf("%s: %d %s", c.subtype, got.status, s.warnings)
		}
	}
}
