package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// testMux serves a few operations whose outcome the test chooses.
func testMux(o Options) *Mux {
	o.Services = []Service{
		{Name: "apigateway", Operations: []Operation{
			Op("CreateRestApi", func(ctx context.Context, in *apigateway.CreateRestApiInput) (*apigateway.CreateRestApiOutput, error) {
				switch *in.Name {
				case "panic":
					panic("as asked")
				case "fault":
					return nil, errors.New("disk on fire")
				}
				c := CallerFrom(ctx)
				return &apigateway.CreateRestApiOutput{Id: aws.String("id"), Name: aws.String(c.AccountID + " " + c.Region + " " + c.Endpoint)}, nil
			}),
			Op("GetRestApi", func(context.Context, *apigateway.GetRestApiInput) (*apigateway.GetRestApiOutput, error) {
				return nil, &types.NotFoundException{Message: aws.String("Invalid API identifier specified 0:x")}
			}),
			Op("PutIntegration", func(context.Context, *apigateway.PutIntegrationInput) (*apigateway.PutIntegrationOutput, error) {
				return &apigateway.PutIntegrationOutput{}, nil
			}),
			Op("UpdateRestApi", func(context.Context, *apigateway.UpdateRestApiInput) (*apigateway.UpdateRestApiOutput, error) {
				return nil, &types.TooManyRequestsException{Message: aws.String("Too Many Requests"), RetryAfterSeconds: aws.String("3")}
			}),
		}, Unsupported: map[string]string{"CreateVpcLink": "VPC links come later"}},
		{Name: "lambda", Operations: []Operation{
			Op("GetFunction", func(context.Context, *lambda.GetFunctionInput) (*lambda.GetFunctionOutput, error) {
				return nil, &lambdatypes.ResourceNotFoundException{Message: aws.String("Function not found: f"), Type: aws.String("User")}
			}),
		}},
		{Name: "iam", Operations: []Operation{
			Op("GetRole", func(_ context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
				if *in.RoleName == "panic" {
					panic("as asked")
				}
				return nil, &iamtypes.NoSuchEntityException{Message: aws.String("The role with name " + *in.RoleName + " cannot be found.")}
			}),
		}},
		{Name: "sts", Operations: []Operation{
			Op("GetCallerIdentity", func(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
				return &sts.GetCallerIdentityOutput{Account: aws.String(CallerFrom(ctx).AccountID)}, nil
			}),
		}},
		{Name: "cloudwatchlogs", Operations: []Operation{
			Op("CreateLogGroup", func(context.Context, *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
				return &cloudwatchlogs.CreateLogGroupOutput{}, nil
			}),
		}},
	}
	return NewMux(o)
}

// Every row is a request as a client may send it. Sources: the REST API management
// and Lambda facts recorded of AWS, the API models, IAM's and CloudWatch Logs' API
// references.
func TestRequestsAreAnsweredAsByAWS(t *testing.T) {
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	logs := []string{"X-Amz-Target", "Logs_20140328.CreateLogGroup", "Content-Type", "application/x-amz-json-1.1"}
	for _, c := range []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		kind                       string // x-amzn-ErrorType
		part                       string // of the body
	}{
		{"an operation", "POST", "/restapis", `{"name":"x"}`, nil, 201, "", `"id":"id"`},
		{"a slash at the end", "POST", "/restapis/", `{"name":"x"}`, nil, 201, "", `"id":"id"`},
		{"an exception of the SDK", "GET", "/restapis/x", "", nil, 404, "NotFoundException", `{"message":"Invalid API identifier specified 0:x"}`},
		{"an exception with a header", "PATCH", "/restapis/x", "{}", nil, 429, "TooManyRequestsException", "Too Many Requests"},
		{"an exception of lambda", "GET", "/2015-03-31/functions/f", "", nil, 404, "ResourceNotFoundException", `"Type":"User"`},
		{"an operation that is not served", "POST", "/vpclinks", `{"name":"x","targetArns":[]}`, nil, 501, "NotImplementedException", "Postern does not emulate CreateVpcLink of apigateway: VPC links come later"},
		{"a service that is not served", "GET", "/v2/apis", "", nil, 501, "NotImplementedException", "GetApis of apigatewayv2"},
		{"no such path", "GET", "/nosuch", "", nil, 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{"no such method", "PUT", "/restapis", "", nil, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"a required member is missing", "POST", "/restapis", `{}`, nil, 400, "ValidationException",
			`1 validation error detected: Value null at 'createRestApiInput.name' failed to satisfy constraint: Member must not be null`},
		{"a wrong enum value", "PUT", "/restapis/a/resources/b/methods/GET/integration", `{"type":"wrong"}`, nil, 400, "ValidationException",
			`Value 'wrong' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]`},
		{"a wrong enum value in a list", "PATCH", "/restapis/a", `{"patchOperations":[{"op":"wrong-op","path":"/x"}]}`, nil, 400, "ValidationException",
			`Value 'wrong-op' at 'updateRestApiInput.patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]`},
		{"not JSON", "POST", "/restapis", `{"name":`, nil, 400, "SerializationException", "JSON"},
		{"JSON of another kind", "POST", "/restapis", `[1]`, nil, 400, "SerializationException", "java.util.ArrayList"},
		{"two documents", "POST", "/restapis", `{"name":"x"}{"name":"y"}`, nil, 400, "SerializationException", "follows"},
		{"a member of the wrong type", "POST", "/restapis", `{"name":true}`, nil, 400, "SerializationException", "class java.lang.Boolean can not be converted to an String"},
		{"a number for a string", "POST", "/restapis", `{"name":1}`, nil, 400, "SerializationException", "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"},
		{"a query parameter of the wrong type", "GET", "/restapis?limit=many", "", nil, 501, "NotImplementedException", ""},
		{"XML", "POST", "/restapis", `<name/>`, []string{"Content-Type", "application/xml"}, 415, "UnsupportedMediaTypeException", ""},
		{"a form, which curl sends", "POST", "/restapis", `{"name":"x"}`, form, 201, "", `"id"`},
		{"too large a body", "POST", "/restapis", `{"name":"` + strings.Repeat("x", 11<<20) + `"}`, nil, 413, "RequestEntityTooLargeException", "10485760"},
		{"a fault of ours", "POST", "/restapis", `{"name":"fault"}`, nil, 500, "InternalFailure", "request id"},
		{"a panic of ours", "POST", "/restapis", `{"name":"panic"}`, nil, 500, "InternalFailure", "request id"},

		{"a Query error", "POST", "/", "Action=GetRole&Version=2010-05-08&RoleName=r", form, 404, "", "<Code>NoSuchEntity</Code><Message>The role with name r cannot be found.</Message>"},
		{"a Query operation by GET", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", nil, 200, "", "<Account>000000000000</Account>"},
		{"a panic of a Query operation", "POST", "/", "Action=GetRole&Version=2010-05-08&RoleName=panic", form, 500, "", "<Code>InternalFailure</Code>"},
		{"a missing Query member", "POST", "/", "Action=GetRole&Version=2010-05-08", form, 400, "", "<Code>ValidationError</Code><Message>1 validation error detected: Value null at &#39;roleName&#39;"},
		{"an unknown action", "POST", "/", "Action=Nonsense&Version=2010-05-08", form, 400, "", "<Code>InvalidAction</Code>"},
		{"an action that is not served", "POST", "/", "Action=CreateUser&Version=2010-05-08&UserName=u", form, 501, "", "CreateUser of iam"},

		{"AWS JSON", "POST", "/", `{"logGroupName":"g"}`, logs, 200, "", "{}"},
		{"a missing member of AWS JSON", "POST", "/", `{}`, logs, 400, "InvalidParameterException", "Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"},
		{"an unknown target", "POST", "/", `{}`, []string{"X-Amz-Target", "Logs_20140328.Nonsense"}, 400, "UnknownOperationException", `"__type":"UnknownOperationException"`},
		{"AWS JSON that is none", "POST", "/", `{`, logs, 400, "SerializationException", "__type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			m := testMux(Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			r := httptest.NewRequest(c.method, "http://localhost:4566"+c.target, strings.NewReader(c.body))
			for i := 0; i < len(c.headers); i += 2 {
				r.Header.Set(c.headers[i], c.headers[i+1])
			}
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			id := w.Header().Get("x-amzn-RequestId")
			if w.Code != c.status || w.Header().Get("x-amzn-ErrorType") != c.kind || !strings.Contains(w.Body.String(), c.part) || id == "" {
				t.Errorf("%d %s %s\nwant %d %s …%s…", w.Code, w.Header().Get("x-amzn-ErrorType"), w.Body, c.status, c.kind, c.part)
			}
			if c.status == 500 && (!strings.Contains(log.String(), id) || !strings.Contains(w.Body.String(), id)) {
				t.Errorf("the log and the answer must share request id %s:\n%s\n%s", id, log.String(), w.Body)
			}
		})
	}
}

func TestTheCallerIsWhoTheSignatureNames(t *testing.T) {
	m := testMux(Options{DefaultRegion: "eu-north-1"})
	for _, c := range []struct{ key, region, want string }{
		{"AKIDEXAMPLE", "us-west-2", "000000000000 us-west-2 http://localhost:4566"},
		{"123456789012", "eu-west-1", "123456789012 eu-west-1 http://localhost:4566"},
	} {
		config := sdkConfig(m)
		config.Region, config.Credentials = c.region, credentials.NewStaticCredentialsProvider(c.key, "s", "")
		out, err := apigateway.NewFromConfig(config).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("x")})
		if err != nil || *out.Name != c.want {
			t.Errorf("%s: %v %v", c.want, out, err)
		}
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("POST", "https://127.0.0.1/restapis", strings.NewReader(`{"name":"x"}`)))
	if !strings.Contains(w.Body.String(), "000000000000 eu-north-1 https://127.0.0.1") {
		t.Errorf("unsigned: %s", w.Body)
	}
}

func TestVerifySignaturesTakesKnownKeysOnly(t *testing.T) {
	m := testMux(Options{Verify: true, Secret: func(_ context.Context, id string) (string, bool) { return "SECRET", id == "AKID" }})
	call := func(key, secret string) error {
		config := sdkConfig(m)
		config.Credentials = credentials.NewStaticCredentialsProvider(key, secret, "")
		_, err := apigateway.NewFromConfig(config).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("x")})
		return err
	}
	code := func(err error) string {
		var api smithy.APIError
		if errors.As(err, &api) {
			return api.ErrorCode()
		}
		return ""
	}
	if err := call("AKID", "SECRET"); err != nil {
		t.Errorf("a good signature: %v", err)
	}
	if err := call("AKID", "WRONG"); code(err) != "InvalidSignatureException" {
		t.Errorf("a wrong secret: %v", err)
	}
	if err := call("OTHER", "SECRET"); code(err) != "UnrecognizedClientException" {
		t.Errorf("an unknown key: %v", err)
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("POST", "/restapis", strings.NewReader(`{"name":"x"}`)))
	if w.Code != 403 || w.Header().Get("x-amzn-ErrorType") != "MissingAuthenticationTokenException" {
		t.Errorf("unsigned: %d %s", w.Code, w.Body)
	}
	config := sdkConfig(m)
	config.Credentials = credentials.NewStaticCredentialsProvider("AKID", "WRONG", "")
	_, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if code(err) != "SignatureDoesNotMatch" {
		t.Errorf("a wrong secret for STS: %v", err)
	}
}

// boto3 sends all of a body before it looks for an answer; a server that closes the
// connection meanwhile gives it a broken pipe instead of the error.
func TestTooLargeABodyIsReadToItsEnd(t *testing.T) {
	server := httptest.NewServer(testMux(Options{}))
	defer server.Close()
	for _, length := range []string{"Content-Length: 33554432", "Transfer-Encoding: chunked"} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var body io.Writer = conn
		if _, err := io.WriteString(conn, "POST /restapis HTTP/1.1\r\nHost: x\r\n"+length+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(length, "chunked") {
			chunked := httputil.NewChunkedWriter(conn)
			defer chunked.Close()
			body = chunked
		}
		for range 32 {
			if _, err := body.Write(make([]byte, 1<<20)); err != nil {
				t.Fatalf("%s: %v", length, err)
			}
		}
		if c, ok := body.(io.Closer); ok && body != io.Writer(conn) {
			c.Close()
			io.WriteString(conn, "\r\n")
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %v %v", length, answer, err)
		}
	}
}

func FuzzRequest(f *testing.F) {
	for _, s := range []struct{ method, target, body string }{
		{"POST", "/restapis", `{"name":"x","tags":{"a":null},"endpointConfiguration":{"types":["EDGE"]}}`},
		{"PATCH", "/restapis/a%2Fb", `{"patchOperations":[{"op":"add","path":"/x","value":"y"}]}`},
		{"POST", "/?Action=GetRole", "RoleName=x&Tags.member.1.Key=a&A.B.C.D.E.F=1"},
		{"GET", "/tags/arn%3Aaws%3Aapigateway%3A%3A%3A", ""},
		{"POST", "/restapis?mode=import&%zz", "\x00\xff"},
		{"POST", "/restapis", `{"minimumCompressionSize":1e999,"binaryMediaTypes":[null,1]}`},
	} {
		f.Add(s.method, s.target, []byte(s.body))
	}
	m := testMux(Options{NewID: func() string { return "id" }, Now: time.Now})
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		r, err := http.NewRequest(method, "http://localhost"+target, bytes.NewReader(body))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if w.Code == 500 && !strings.Contains(string(body), "panic") && !strings.Contains(string(body), "fault") {
			t.Errorf("%s %s %q: %s", method, target, body, w.Body)
		}
	})
}
