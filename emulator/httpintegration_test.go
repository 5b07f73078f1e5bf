package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// deployHTTP makes an HTTP API whose route ANY /{proxy+} has the integration, deploys it to a stage and
// returns the stage's URL.
func (s *server) deployHTTP(t *testing.T, stage string, in *apigatewayv2.CreateIntegrationInput) string {
	t.Helper()
	client := apigatewayv2.NewFromConfig(s.aws())
	api, err := client.CreateApi(t.Context(), &apigatewayv2.CreateApiInput{Name: aws.String("api"), ProtocolType: types.ProtocolTypeHttp})
	if err != nil {
		t.Fatal(err)
	}
	in.ApiId = api.ApiId
	made, err := client.CreateIntegration(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateRoute(t.Context(), &apigatewayv2.CreateRouteInput{ApiId: api.ApiId, RouteKey: aws.String("ANY /{proxy+}"), Target: aws.String("integrations/" + *made.IntegrationId)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateStage(t.Context(), &apigatewayv2.CreateStageInput{ApiId: api.ApiId, StageName: &stage, AutoDeploy: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if stage == "$default" {
		return s.url("/_aws/execute-api/" + *api.ApiId)
	}
	return s.url("/_aws/execute-api/" + *api.ApiId + "/" + stage)
}

// ask sends a request without a body.
func ask(t *testing.T, verb, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), verb, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

// What each subtype asks for: apigw/compile's TestSubtypesCallTheirServices.
func TestAnHTTPAPICallsAServiceInTheNameOfItsRole(t *testing.T) {
	const sent = `<SendMessageResponse><SendMessageResult><MessageId>m1</MessageId></SendMessageResult></SendMessageResponse>`
	p := newPeer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, sent)
	})
	s := start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"SQS": p.URL}})
	p.verify(s, "sqs")
	at := s.deployHTTP(t, "$default", &apigatewayv2.CreateIntegrationInput{
		IntegrationType: types.IntegrationTypeAwsProxy, IntegrationSubtype: aws.String("SQS-SendMessage"), PayloadFormatVersion: aws.String("1.0"), CredentialsArn: aws.String(role),
		RequestParameters:  map[string]string{"QueueUrl": "http://sqs/000000000000/q", "MessageBody": "$request.querystring.say in $context.stage", "Region": "eu-north-1"},
		ResponseParameters: map[string]map[string]string{"200": {"overwrite:statuscode": "202", "append:header.x-sent": "$response.header.content-type"}},
	})
	res, body := ask(t, "GET", at+"/x?say=hello")
	if res.StatusCode != 202 || body != sent || res.Header.Get("X-Sent") != "text/xml" || res.Header.Get("Content-Type") != "text/xml" {
		t.Fatalf("%d %s %v", res.StatusCode, body, res.Header)
	}
	r, form, signed := p.last()
	got, _ := url.ParseQuery(form)
	want := url.Values{"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://sqs/000000000000/q"}, "MessageBody": {"hello in $default"}}
	if diff := cmp.Diff(want, got); diff != "" || r.URL.Path != "/000000000000/q" || signed.Region != "eu-north-1" {
		t.Errorf("%s %s in %s", diff, r.URL.Path, signed.Region)
	}
}

func TestAnHTTPAPIReachesABackendBehindAVPCLink(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Method+" "+r.RequestURI)
	}))
	defer backend.Close()
	const listener = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
	s := start(t, emulator.Config{Lambda: processes(t), VPCLinks: map[string]string{listener: backend.URL}})
	link, err := apigatewayv2.NewFromConfig(s.aws()).CreateVpcLink(t.Context(), &apigatewayv2.CreateVpcLinkInput{Name: aws.String("link"), SubnetIds: []string{"subnet-1"}})
	if err != nil {
		t.Fatal(err)
	}
	at := s.deployHTTP(t, "dev", &apigatewayv2.CreateIntegrationInput{
		IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("ANY"), IntegrationUri: aws.String(listener), PayloadFormatVersion: aws.String("1.0"),
		ConnectionType: types.ConnectionTypeVpcLink, ConnectionId: link.VpcLinkId,
	})
	if res, body := ask(t, "DELETE", at+"/pets/7?q=1"); res.StatusCode != 200 || body != "DELETE /dev/pets/7?q=1" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}
