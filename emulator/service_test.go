package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
	"postern/emulator/wire/sigv4"
)

// A peer stands for an AWS service: it refuses what is not signed for it, and keeps what it got.
type peer struct {
	*httptest.Server
	answer http.HandlerFunc

	// mu guards the rest.
	mu     sync.Mutex
	got    *http.Request
	body   string
	signed *sigv4.Signature
}

func newPeer(t *testing.T, answer http.HandlerFunc) *peer {
	p := &peer{answer: answer}
	p.Server = httptest.NewServer(nil)
	t.Cleanup(p.Close)
	return p
}

// verify makes the peer check signatures made with keys of a server.
func (p *peer) verify(s *server, signing string) {
	v := sigv4.Verifier{Secret: s.Secret, Now: time.Now, Skew: 5 * time.Minute, Service: signing, RawPath: signing == "s3"}
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		signed, err := v.Verify(context.Background(), r, body)
		if err != nil || signed.Token == "" {
			w.WriteHeader(http.StatusForbidden)
			json.NewEncoder(w).Encode(map[string]any{"refused": err})
			return
		}
		p.mu.Lock()
		p.got, p.body, p.signed = r, string(body), signed
		p.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		p.answer(w, r)
	})
}

func (p *peer) last() (*http.Request, string, *sigv4.Signature) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got, p.body, p.signed
}

// said is an answer with a body.
func said(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-amzn-RequestId", "from-the-peer")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const role = "arn:aws:iam::000000000000:role/integration"

// deployIntegration makes an API with one method on /{id}, deploys it and returns its id.
func (s *server) deployIntegration(t *testing.T, verb string, in *apigateway.PutIntegrationInput, api *apigateway.CreateRestApiInput, responses ...apigateway.PutIntegrationResponseInput) string {
	t.Helper()
	client := apigateway.NewFromConfig(s.aws())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if api == nil {
		api = &apigateway.CreateRestApiInput{Name: aws.String("api")}
	}
	made, err := client.CreateRestApi(t.Context(), api)
	must(err)
	res, err := client.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: made.Id, ParentId: made.RootResourceId, PathPart: aws.String("{id+}")})
	must(err)
	_, err = client.PutMethod(t.Context(), &apigateway.PutMethodInput{RestApiId: made.Id, ResourceId: res.Id, HttpMethod: &verb, AuthorizationType: aws.String("NONE"),
		RequestParameters: map[string]bool{"method.request.path.id": false, "method.request.querystring.q": false, "method.request.header.Content-Type": false}})
	must(err)
	in.RestApiId, in.ResourceId, in.HttpMethod = made.Id, res.Id, &verb
	_, err = client.PutIntegration(t.Context(), in)
	must(err)
	if responses == nil {
		responses = []apigateway.PutIntegrationResponseInput{{StatusCode: aws.String("200")}}
	}
	for _, r := range responses {
		_, err = client.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{RestApiId: made.Id, ResourceId: res.Id, HttpMethod: &verb, StatusCode: r.StatusCode,
			ResponseParameters: map[string]bool{"method.response.header.X-From": false, "method.response.header.Content-Type": false}})
		must(err)
		r.RestApiId, r.ResourceId, r.HttpMethod = made.Id, res.Id, &verb
		_, err = client.PutIntegrationResponse(t.Context(), &r)
		must(err)
	}
	_, err = client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: made.Id, StageName: aws.String("s"), Variables: map[string]string{"role": "integration", "queue": "q1"}})
	must(err)
	return *made.Id
}

// send calls /x of an API.
func (s *server) send(t *testing.T, verb, api, path, contentType, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, s.url("/_aws/execute-api/"+api+"/s/"+path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return do(t, req)
}

func template(text string) map[string]string { return map[string]string{"application/json": text} }

// Each case is a service as AWS's tutorials integrate it, and the request as the service reads it.
func TestServiceIntegrations(t *testing.T) {
	form := map[string]string{"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"}
	for _, c := range []struct {
		name, service, signing string
		uri, verb              string // of the integration
		parameters, templates  map[string]string
		target, contentType    string // that the service sees
		path                   string
		query, form            url.Values
		json                   string // in the body
	}{
		{name: "Step Functions StartExecution", service: "sfn", signing: "states", uri: "states:action/StartExecution", verb: "POST",
			templates: template(`{"input": "$util.escapeJavaScript($input.json('$'))", "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m"}`),
			target:    "AWSStepFunctions.StartExecution", contentType: "application/x-amz-json-1.0", path: "/", query: url.Values{"Action": {"StartExecution"}},
			json: `{"input": "{\"n\":1}", "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m"}`},
		{name: "SQS SendMessage by path", service: "sqs", signing: "sqs", uri: "sqs:path/000000000000/${stageVariables.queue}", verb: "POST",
			parameters: form, templates: template(`Action=SendMessage&MessageBody=$util.urlEncode($input.body)`),
			contentType: "application/x-www-form-urlencoded", path: "/000000000000/q1", form: url.Values{"Action": {"SendMessage"}, "MessageBody": {`{"n":1}`}}},
		{name: "SQS SendMessage by action", service: "sqs", signing: "sqs", uri: "sqs:action/SendMessage", verb: "POST",
			parameters: map[string]string{"integration.request.querystring.QueueUrl": "'http://sqs/000000000000/q 1'", "integration.request.querystring.MessageBody": "method.request.body.n"},
			templates:  template(""), contentType: "application/json", path: "/",
			query: url.Values{"Action": {"SendMessage"}, "QueueUrl": {"http://sqs/000000000000/q 1"}, "MessageBody": {"1"}, "Version": {"2012-11-05"}}},
		{name: "SQS SendMessage in JSON", service: "sqs", signing: "sqs", uri: "sqs:path/", verb: "POST",
			parameters: map[string]string{"integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'", "integration.request.header.Content-Type": "'application/x-amz-json-1.0'"},
			templates:  template(`{"QueueUrl": "http://sqs/q", "MessageBody": "$util.escapeJavaScript($input.body)"}`),
			target:     "AmazonSQS.SendMessage", contentType: "application/x-amz-json-1.0", path: "/", json: `{"QueueUrl": "http://sqs/q", "MessageBody": "{\"n\":1}"}`},
		{name: "SNS Publish", service: "sns", signing: "sns", uri: "sns:action/Publish&TopicArn=arn:aws:sns:us-east-1:000000000000:t", verb: "POST",
			parameters: map[string]string{"integration.request.querystring.Message": "method.request.body"}, contentType: "application/json", path: "/",
			query: url.Values{"Action": {"Publish"}, "TopicArn": {"arn:aws:sns:us-east-1:000000000000:t"}, "Message": {`{"n":1}`}, "Version": {"2010-03-31"}}},
		{name: "EventBridge PutEvents", service: "events", signing: "events", uri: "events:action/PutEvents", verb: "POST",
			parameters: map[string]string{"integration.request.header.X-Amz-Target": "'AWSEvents.PutEvents'", "integration.request.header.Content-Type": "'application/x-amz-json-1.1'"},
			templates:  template(`{"Entries": [{"Source": "api", "DetailType": "t", "Detail": "$util.escapeJavaScript($input.body)"}]}`),
			target:     "AWSEvents.PutEvents", contentType: "application/x-amz-json-1.1", path: "/", query: url.Values{"Action": {"PutEvents"}},
			json: `{"Entries": [{"Source": "api", "DetailType": "t", "Detail": "{\"n\":1}"}]}`},
		{name: "Kinesis PutRecord", service: "kinesis", signing: "kinesis", uri: "kinesis:action/PutRecord", verb: "POST",
			templates: template(`{"StreamName": "$input.params('id')", "Data": "$util.base64Encode($input.json('$.n'))", "PartitionKey": "k"}`),
			target:    "Kinesis_20131202.PutRecord", contentType: "application/x-amz-json-1.1", path: "/", query: url.Values{"Action": {"PutRecord"}},
			json: `{"StreamName": "some/thing", "Data": "MQ==", "PartitionKey": "k"}`},
		{name: "DynamoDB PutItem", service: "dynamodb", signing: "dynamodb", uri: "dynamodb:action/PutItem", verb: "POST",
			templates: template(`{"TableName": "Comments", "Item": {"commentId": {"S": "c1"}, "n": {"N": "$input.path('$.n')"}}}`),
			target:    "DynamoDB_20120810.PutItem", contentType: "application/x-amz-json-1.0", path: "/", query: url.Values{"Action": {"PutItem"}},
			json: `{"TableName": "Comments", "Item": {"commentId": {"S": "c1"}, "n": {"N": "1"}}}`},
		{name: "DynamoDB Query", service: "dynamodb", signing: "dynamodb", uri: "dynamodb:action/Query", verb: "POST",
			templates: template(`{"TableName": "Comments", "KeyConditionExpression": "pageId = :v1", "ExpressionAttributeValues": {":v1": {"S": "$input.params('id')"}}}`),
			target:    "DynamoDB_20120810.Query", contentType: "application/x-amz-json-1.0", path: "/", query: url.Values{"Action": {"Query"}},
			json: `{"TableName": "Comments", "KeyConditionExpression": "pageId = :v1", "ExpressionAttributeValues": {":v1": {"S": "some/thing"}}}`},
		{name: "SSM GetParameter", service: "ssm", signing: "ssm", uri: "ssm:action/GetParameter", verb: "POST",
			templates: template(`{"Name": "/$input.params('id')", "WithDecryption": true}`),
			target:    "AmazonSSM.GetParameter", contentType: "application/x-amz-json-1.1", path: "/", query: url.Values{"Action": {"GetParameter"}},
			json: `{"Name": "/some/thing", "WithDecryption": true}`},
		{name: "S3 GetObject", service: "s3", signing: "s3", uri: "s3:path/bucket/{key}", verb: "GET",
			parameters: map[string]string{"integration.request.path.key": "method.request.path.id", "integration.request.querystring.versionId": "method.request.querystring.q"},
			templates:  template("ignored"), contentType: "application/json", path: "/bucket/some/thing", query: url.Values{"versionId": {"a b"}}},
		{name: "S3 with the bucket as subdomain", service: "s3", signing: "s3", uri: "bucket.s3:path/{key}", verb: "GET",
			parameters: map[string]string{"integration.request.path.key": "method.request.path.id"}, contentType: "application/json", path: "/bucket/some/thing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, said(200, `{"ok":true}`))
			s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{c.service: p.URL}})
			p.verify(s, c.signing)
			api := s.deployIntegration(t, "POST", &apigateway.PutIntegrationInput{
				Type: types.IntegrationTypeAws, IntegrationHttpMethod: &c.verb, Uri: aws.String("arn:aws:apigateway:eu-west-1:" + c.uri),
				Credentials: aws.String(role), RequestParameters: c.parameters, RequestTemplates: c.templates,
			}, nil)
			res, body := s.send(t, "POST", api, "some/thing?q=a+b", "application/json", `{"n":1}`)
			if res.StatusCode != 200 || body != `{"ok":true}` {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
			r, sent, signed := p.last()
			if r.Method != c.verb || r.URL.Path != c.path || signed.Region != "eu-west-1" {
				t.Errorf("%s %s in %s", r.Method, r.URL.Path, signed.Region)
			}
			if got := r.Header.Get("X-Amz-Target"); got != c.target {
				t.Errorf("X-Amz-Target %q, want %q", got, c.target)
			}
			if got := r.Header.Get("Content-Type"); got != c.contentType {
				t.Errorf("Content-Type %q, want %q", got, c.contentType)
			}
			if diff := cmp.Diff(orEmpty(c.query), r.URL.Query()); diff != "" {
				t.Error("query", diff)
			}
			if c.form != nil {
				got, _ := url.ParseQuery(sent)
				if diff := cmp.Diff(c.form, got); diff != "" {
					t.Error("form", diff)
				}
			}
			if c.json != "" {
				if diff := cmp.Diff(decoded(t, c.json), decoded(t, sent)); diff != "" {
					t.Error("body", diff)
				}
			}
			if got := r.UserAgent(); got != "AmazonAPIGateway_"+api || r.Header.Get("Accept") != "application/json" {
				t.Errorf("%s %v", got, r.Header)
			}
		})
	}
}

func orEmpty(v url.Values) url.Values {
	if v == nil {
		return url.Values{}
	}
	return v
}

func decoded(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}
