package emulator_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator"
)

const urlHandler = `
import json
def handler(event, context):
    how = (event.get("queryStringParameters") or {}).get("how")
    if how == "event":
        return event
    if how == "text":
        return "plain"
    if how == "response":
        return {"statusCode": 201, "headers": {"X-A": "b"}, "cookies": ["c=1", "d=2"], "body": json.dumps(event.get("cookies"))}
    if how == "fail":
        raise ValueError("no")
    return {"path": event["rawPath"], "method": event["requestContext"]["http"]["method"]}
`

// A urlFunction is a function with a URL.
type urlFunction struct {
	*server
	t      *testing.T
	lambda *lambda.Client
	url    string
}

func (s *server) urlFunction(t *testing.T, in *lambda.CreateFunctionUrlConfigInput) *urlFunction {
	t.Helper()
	needProgram(t, "python3")
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("web"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role),
		Code: &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(urlHandler)})},
	})
	f := &urlFunction{server: s, t: t, lambda: lambda.NewFromConfig(s.aws())}
	in.FunctionName = aws.String("web")
	out, err := f.lambda.CreateFunctionUrlConfig(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	f.url = *out.FunctionUrl
	return f
}

// permit adds a statement.
func (f *urlFunction) permit(in *lambda.AddPermissionInput) {
	f.t.Helper()
	in.FunctionName = aws.String("web")
	if _, err := f.lambda.AddPermission(f.t.Context(), in); err != nil {
		f.t.Fatal(err)
	}
}

// open lets everybody call the URL.
func (f *urlFunction) open() {
	f.t.Helper()
	f.permit(&lambda.AddPermissionInput{StatementId: aws.String("url"), Action: aws.String("lambda:InvokeFunctionUrl"), Principal: aws.String("*"),
		FunctionUrlAuthType: types.FunctionUrlAuthTypeNone})
	f.permit(&lambda.AddPermissionInput{StatementId: aws.String("invoke"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("*"),
		InvokedViaFunctionUrl: aws.Bool(true)})
}

// request makes a request to a path of the URL, whose host need not resolve.
func (f *urlFunction) request(verb, path string, header ...string) *http.Request {
	f.t.Helper()
	at, err := url.Parse(f.url)
	if err != nil {
		f.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(f.t.Context(), verb, "http://"+f.addr+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Host = at.Host
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return req
}

func (f *urlFunction) do(req *http.Request) (*http.Response, string) {
	f.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res, string(body)
}

func (f *urlFunction) want(req *http.Request, status int, body string) http.Header {
	f.t.Helper()
	res, got := f.do(req)
	if res.StatusCode != status || got != body {
		f.t.Errorf("%s: %d %s, want %d %s", req.URL, res.StatusCode, got, status, body)
	}
	return res.Header
}

const urlRefused = `{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}`

// What AWS answers: facts/lambda.md §7, recorded but for the body of a failure.
func TestAFunctionURLAnswersWhatTheFunctionReturns(t *testing.T) {
	f := start(t, emulator.Config{Lambda: processes(t)}).urlFunction(t, &lambda.CreateFunctionUrlConfigInput{AuthType: types.FunctionUrlAuthTypeNone})
	if h := f.want(f.request("GET", "/"), 403, urlRefused); h.Get("x-amzn-ErrorType") != "AccessDeniedException" {
		t.Error(h)
	}
	f.permit(&lambda.AddPermissionInput{StatementId: aws.String("half"), Action: aws.String("lambda:InvokeFunctionUrl"), Principal: aws.String("*"), FunctionUrlAuthType: types.FunctionUrlAuthTypeNone})
	f.want(f.request("GET", "/"), 403, urlRefused) // both actions have to be allowed
	f.open()
	if h := f.want(f.request("DELETE", "/a/b"), 200, `{"path": "/a/b", "method": "DELETE"}`); h.Get("Content-Type") != "application/json" || h.Get("x-amzn-RequestId") == "" || h["X-Amz-Apigw-Id"] != nil {
		t.Error(h)
	}
	f.want(f.request("GET", "/?how=text"), 200, "plain")
	h := f.want(f.request("GET", "/?how=response", "Cookie: a=1; b=2"), 201, `["a=1", "b=2"]`)
	if h.Get("X-A") != "b" || strings.Join(h["Set-Cookie"], " ") != "c=1 d=2" {
		t.Error(h)
	}
	f.want(f.request("GET", "/?how=fail"), 502, "Internal Server Error")

	req := f.request("GET", "/x")
	req.URL.Path, req.Host = "/_aws/lambda-url/"+strings.Split(strings.TrimPrefix(f.url, "http://"), ".")[0]+"/x", ""
	f.want(req, 200, `{"path": "/x", "method": "GET"}`)
	unknown := f.request("GET", "/")
	unknown.Host = "nobody.lambda-url.us-east-1.localhost"
	f.want(unknown, 404, `{"Message":null}`)

	_, err := f.lambda.DeleteFunctionUrlConfig(t.Context(), &lambda.DeleteFunctionUrlConfigInput{FunctionName: aws.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	f.want(f.request("GET", "/"), 404, `{"Message":null}`)
}

func TestTheEventOfAFunctionURL(t *testing.T) {
	f := start(t, emulator.Config{Lambda: processes(t)}).urlFunction(t, &lambda.CreateFunctionUrlConfigInput{AuthType: types.FunctionUrlAuthTypeNone})
	f.open()
	_, body := f.do(f.request("GET", "/p%20q?how=event&a=1&a=2", "X-Mixed: Case"))
	var event struct {
		Version, RouteKey, RawPath, RawQueryString string
		Headers                                    map[string]string
		QueryStringParameters                      map[string]string
		RequestContext                             map[string]any
	}
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		t.Fatal(err, body)
	}
	c := event.RequestContext
	authentication, shown := c["authentication"]
	if event.Version != "2.0" || event.RouteKey != "$default" || event.RawQueryString != "how=event&a=1&a=2" || event.QueryStringParameters["a"] != "1,2" ||
		event.Headers["x-mixed"] != "Case" || c["accountId"] != "anonymous" || !shown || authentication != nil || c["stage"] != "$default" ||
		c["domainPrefix"] != c["apiId"] || c["authorizer"] != nil {
		t.Error(body)
	}
}

func TestAFunctionURLWithIAMWantsASignature(t *testing.T) {
	f := start(t, emulator.Config{Lambda: processes(t)}).urlFunction(t, &lambda.CreateFunctionUrlConfigInput{AuthType: types.FunctionUrlAuthTypeAwsIam})
	allowed := createUser(t, f.aws(), "allowed", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["lambda:InvokeFunctionUrl","lambda:InvokeFunction"],"Resource":"*"}}`)
	half := createUser(t, f.aws(), "half", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"lambda:InvokeFunctionUrl","Resource":"*"}}`)
	signed := func(c aws.Credentials, service string) *http.Request {
		req := f.request("GET", "/?how=event")
		if err := v4.NewSigner().SignHTTP(t.Context(), c, req, emptyHash(), service, "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		return req
	}
	f.want(f.request("GET", "/"), 403, urlRefused)
	f.want(signed(half, "lambda"), 403, urlRefused)
	f.want(signed(allowed, "execute-api"), 403, urlRefused)
	res, body := f.do(signed(allowed, "lambda"))
	if res.StatusCode != 200 || !strings.Contains(body, `"accountId": "000000000000"`) || !strings.Contains(body, `"userArn": "arn:aws:iam::000000000000:user/allowed"`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	f.permit(&lambda.AddPermissionInput{StatementId: aws.String("half"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("arn:aws:iam::000000000000:user/half")})
	if res, body := f.do(signed(half, "lambda")); res.StatusCode != 200 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestCORSOfAFunctionURL(t *testing.T) {
	f := start(t, emulator.Config{Lambda: processes(t)}).urlFunction(t, &lambda.CreateFunctionUrlConfigInput{AuthType: types.FunctionUrlAuthTypeNone,
		Cors: &types.Cors{AllowOrigins: []string{"https://here.example"}, AllowMethods: []string{"GET"}, MaxAge: aws.Int32(60)}})
	f.open()
	h := f.want(f.request("OPTIONS", "/", "Origin: https://here.example", "Access-Control-Request-Method: GET"), 200, "")
	if h.Get("Access-Control-Allow-Origin") != "https://here.example" || h.Get("Access-Control-Max-Age") != "60" {
		t.Error(h)
	}
	_, err := f.lambda.UpdateFunctionUrlConfig(t.Context(), &lambda.UpdateFunctionUrlConfigInput{FunctionName: aws.String("web"), Cors: &types.Cors{AllowOrigins: []string{"*"}}})
	if err != nil {
		t.Fatal(err)
	}
	if h := f.want(f.request("GET", "/", "Origin: https://there.example"), 200, `{"path": "/", "method": "GET"}`); h.Get("Access-Control-Allow-Origin") != "*" {
		t.Error(h)
	}
}

const streamingURL = `
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.rawPath !== "/plain") stream = awslambda.HttpResponseStream.from(stream, {statusCode: 202, headers: {"X-A": "b"}});
  stream.write("first\n");
  await new Promise(r => setTimeout(r, 300));
  stream.write("last\n");
  stream.end();
});
`

// The first byte is there before the last is produced.
func TestAFunctionURLStreams(t *testing.T) {
	needProgram(t, "node")
	s := start(t, emulator.Config{Lambda: processes(t)})
	f := s.urlFunction(t, &lambda.CreateFunctionUrlConfigInput{AuthType: types.FunctionUrlAuthTypeNone, InvokeMode: types.InvokeModeResponseStream})
	f.open()
	if _, err := f.lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("web")}); err != nil {
		t.Fatal(err)
	}
	f.want(f.request("GET", "/"), 404, `{"Message":null}`) // it went with its function
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("web"), Runtime: types.RuntimeNodejs22x, Handler: aws.String("index.handler"), Role: aws.String(role), Tags: map[string]string{"_custom_id_": "mine"},
		Code: &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.js": []byte(streamingURL)})},
	})
	out, err := f.lambda.CreateFunctionUrlConfig(t.Context(), &lambda.CreateFunctionUrlConfigInput{FunctionName: aws.String("web"), AuthType: types.FunctionUrlAuthTypeNone, InvokeMode: types.InvokeModeResponseStream})
	if err != nil {
		t.Fatal(err)
	}
	if f.url = *out.FunctionUrl; !strings.HasPrefix(f.url, "http://mine.lambda-url.us-east-1.localhost:") {
		t.Error(f.url)
	}
	f.open()
	for path, status := range map[string]int{"/": 202, "/plain": 200} {
		res, err := http.DefaultClient.Do(f.request("GET", path))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(res.Body)
		lines.Scan()
		first := time.Now()
		for lines.Scan() {
		}
		if res.StatusCode != status || lines.Text() != "" && lines.Text() != "last" || time.Since(first) < 150*time.Millisecond {
			t.Errorf("%s: %d, the rest came %v after the first line", path, res.StatusCode, time.Since(first))
		}
		res.Body.Close()
	}
}
