package emulator_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
	"postern/emulator/store"
)

func TestWhatAServiceAnswersIsChosenByStatus(t *testing.T) {
	p := newPeer(t, said(400, `{"__type":"StateMachineDoesNotExist"}`))
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"states": p.URL + "/prefix"}})
	p.verify(s, "states")
	api := s.deployIntegration(t, "POST", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeAws, IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("arn:aws:apigateway:us-east-1:states:action/StartExecution"),
		Credentials: aws.String("arn:aws:iam::000000000000:role/${stageVariables.role}"),
	}, nil,
		apigateway.PutIntegrationResponseInput{StatusCode: aws.String("200")},
		apigateway.PutIntegrationResponseInput{StatusCode: aws.String("404"), SelectionPattern: aws.String("4\\d{2}"), ResponseTemplates: template(`{"kind": "$input.path('$.__type')"}`),
			ResponseParameters: map[string]string{"method.response.header.X-From": "integration.response.header.x-amzn-RequestId"}})
	for range 2 {
		res, body := s.send(t, "POST", api, "x", "application/json", `{}`)
		if res.StatusCode != 404 || body != `{"kind": "StateMachineDoesNotExist"}` || res.Header.Get("X-From") != "from-the-peer" {
			t.Fatalf("%d %s %v", res.StatusCode, body, res.Header)
		}
	}
	if r, _, _ := p.last(); r.URL.Path != "/prefix/" {
		t.Errorf("path %s", r.URL.Path)
	}
}

func TestBytesGoToS3AndBack(t *testing.T) {
	object := []byte{0, 0xff, 0x89, 'P', 'N', 'G', 0xfe}
	var stored []byte
	p := newPeer(t, nil)
	p.answer = func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			_, body, _ := p.last()
			stored = []byte(body)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		w.Write(stored)
	}
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"s3": p.URL}})
	p.verify(s, "s3")
	deploy := func(verb string) string {
		return s.deployIntegration(t, verb, &apigateway.PutIntegrationInput{
			Type: types.IntegrationTypeAws, IntegrationHttpMethod: &verb, Uri: aws.String("arn:aws:apigateway:us-east-1:s3:path/bucket/{key}"), Credentials: aws.String(role),
			RequestParameters: map[string]string{"integration.request.path.key": "method.request.path.id", "integration.request.header.Content-Type": "method.request.header.Content-Type"},
		}, &apigateway.CreateRestApiInput{Name: aws.String("a"), BinaryMediaTypes: []string{"image/png"}},
			apigateway.PutIntegrationResponseInput{StatusCode: aws.String("200"), ResponseParameters: map[string]string{"method.response.header.Content-Type": "integration.response.header.Content-Type"}})
	}
	put, get := deploy("PUT"), deploy("GET")
	const key = "a%20b+c/%C3%A9%25(1).png"
	if res, body := s.send(t, "PUT", put, key, "image/png", string(object)); res.StatusCode != 200 {
		t.Fatal(res.StatusCode, body)
	}
	if r, _, _ := p.last(); r.URL.Path != "/bucket/a b+c/é%(1).png" || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s %s", r.URL.Path, r.Header)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url("/_aws/execute-api/"+get+"/s/"+key), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "image/png")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || !bytes.Equal(body, object) || res.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%v %q %v", err, body, res.Header)
	}
}

// With --verify-signatures Postern itself checks what its gateway signs.
func TestOwnServicesAreCalledInTheNameOfTheRole(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), VerifySignatures: true, AccessKeys: map[string]string{"test": "test"}})
	for _, c := range []struct{ name, uri, want string }{
		{"Query", "sts:action/GetCallerIdentity", "assumed-role/integration/BackplaneAssumeRoleSession"},
		{"JSON", "logs:action/DescribeLogGroups", `"logGroups"`},
		{"path", "lambda:path/2015-03-31/functions", `"Functions"`},
		{"path of S3", "s3:path/", "ListAllMyBucketsResult"},
		{"path of API Gateway", "apigateway:path/restapis", `"item"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			verb := "POST"
			if strings.Contains(c.uri, ":path/") {
				verb = "GET"
			}
			api := s.deployIntegration(t, "GET", &apigateway.PutIntegrationInput{
				Type: types.IntegrationTypeAws, IntegrationHttpMethod: &verb, Uri: aws.String("arn:aws:apigateway:us-east-1:" + c.uri), Credentials: aws.String(role),
			}, nil)
			res, body := s.send(t, "GET", api, "x", "", "")
			if res.StatusCode != 200 || !strings.Contains(body, c.want) {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if err := s.Reset(t.Context(), store.Scope{}); err != nil { // takes the sessions along
				t.Fatal(err)
			}
		})
	}
}

func TestAServiceThatRunsNowhereIsNamedInTheLog(t *testing.T) {
	var log syncBuffer
	s := start(t, emulator.Config{Lambda: processes(t), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	api := s.deployIntegration(t, "POST", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeAws, IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("arn:aws:apigateway:us-east-1:sqs:action/SendMessage"), Credentials: aws.String(role),
	}, nil)
	const want = "no endpoint for service sqs: give --service-endpoint sqs=URL"
	if !strings.Contains(log.String(), want) {
		t.Errorf("the deployment does not say so: %s", log.String())
	}
	res, body := s.send(t, "POST", api, "x", "", "")
	if res.StatusCode != 504 || body != `{"message": "Network error communicating with endpoint"}` {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if got := strings.Count(log.String(), want); got != 2 {
		t.Errorf("%d lines: %s", got, log.String())
	}
}

func TestAServiceThatDoesNotAnswerIsATimeout(t *testing.T) {
	stop := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer hang.Close()
	defer close(stop)
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"sns": hang.URL, "sqs": "http://127.0.0.1:1"}})
	for uri, want := range map[string]string{"sns:action/Publish": "Endpoint request timed out", "sqs:action/SendMessage": "Network error communicating with endpoint"} {
		api := s.deployIntegration(t, "POST", &apigateway.PutIntegrationInput{
			Type: types.IntegrationTypeAws, IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("arn:aws:apigateway:us-east-1:" + uri), Credentials: aws.String(role), TimeoutInMillis: aws.Int32(50),
		}, nil)
		if res, body := s.send(t, "POST", api, "x", "", ""); res.StatusCode != 504 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", uri, res.StatusCode, body)
		}
	}
}

func TestFirehoseIsProxied(t *testing.T) {
	p := newPeer(t, said(200, `{"RecordId":"1"}`))
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"firehose": p.URL}})
	p.verify(s, "firehose")
	api := s.deployIntegration(t, "POST", &apigateway.PutIntegrationInput{
		Type: types.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: aws.String("arn:aws:apigateway:us-east-1:firehose:action/PutRecord"), Credentials: aws.String(role),
	}, nil)
	const record = `{"DeliveryStreamName":"d","Record":{"Data":"MQ=="}}`
	res, body := s.send(t, "POST", api, "x", "application/json", record)
	r, sent, _ := p.last()
	if res.StatusCode != 200 || body != `{"RecordId":"1"}` || sent != record || r.Header.Get("X-Amz-Target") != "Firehose_20150804.PutRecord" {
		t.Errorf("%d %s; sent %s %v", res.StatusCode, body, sent, r.Header)
	}
}

func TestVariablesOfTheSDKsNameEndpoints(t *testing.T) {
	c := emulator.Config{ServiceEndpoints: map[string]string{"sqs": "http://given"}}
	c.TakeEndpoints([]string{"AWS_ENDPOINT_URL=http://all", "AWS_ENDPOINT_URL_SQS=http://sqs", "AWS_ENDPOINT_URL_SFN=http://sfn", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://idp"})
	want := map[string]string{"sqs": "http://given", "states": "http://sfn", "cognito-idp": "http://idp"}
	if len(c.ServiceEndpoints) != len(want) {
		t.Error(c.ServiceEndpoints)
	}
	for name, url := range want {
		if c.ServiceEndpoints[name] != url {
			t.Errorf("%s: %s", name, c.ServiceEndpoints[name])
		}
	}
	if _, err := emulator.Open(t.Context(), emulator.Config{ServiceEndpoints: map[string]string{"sqs": "localhost:1"}, Lambda: processes(t)}); err == nil || !strings.Contains(err.Error(), "endpoint of service sqs") {
		t.Errorf("%v", err)
	}
}

// A syncBuffer is a log that a test reads while it is written.
type syncBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
