package integration_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
)

// The members, their order and the nulls are those of recorded events.
const plainEvent = `{
 "resource": "/pets/{id}",
 "path": "/pets/7",
 "httpMethod": "GET",
 "headers": {
  "Accept": "*/*",
  "Host": "abcdef1234.execute-api.localhost:4566",
  "User-Agent": "curl/8",
  "X-Amzn-Trace-Id": "Root=1-2-3",
  "X-Forwarded-For": "127.0.0.1",
  "X-Forwarded-Port": "4566",
  "X-Forwarded-Proto": "http"
 },
 "multiValueHeaders": {
  "Accept": [
   "*/*"
  ],
  "Host": [
   "abcdef1234.execute-api.localhost:4566"
  ],
  "User-Agent": [
   "curl/8"
  ],
  "X-Amzn-Trace-Id": [
   "Root=1-2-3"
  ],
  "X-Forwarded-For": [
   "127.0.0.1"
  ],
  "X-Forwarded-Port": [
   "4566"
  ],
  "X-Forwarded-Proto": [
   "http"
  ]
 },
 "queryStringParameters": null,
 "multiValueQueryStringParameters": null,
 "pathParameters": {
  "id": "7"
 },
 "stageVariables": null,
 "requestContext": {
  "resourceId": "res123",
  "resourcePath": "/pets/{id}",
  "httpMethod": "GET",
  "extendedRequestId": "K2G9wEbUoAMEvag=",
  "requestTime": "12/Mar/2020:19:03:58 +0000",
  "path": "/prod/pets/7",
  "accountId": "123456789012",
  "protocol": "HTTP/1.1",
  "stage": "prod",
  "domainPrefix": "abcdef1234",
  "requestTimeEpoch": 1584039838390,
  "requestId": "11111111-2222-3333-4444-555555555555",
  "identity": {
   "cognitoIdentityPoolId": null,
   "accountId": null,
   "cognitoIdentityId": null,
   "caller": null,
   "sourceIp": "127.0.0.1",
   "principalOrgId": null,
   "accessKey": null,
   "cognitoAuthenticationType": null,
   "cognitoAuthenticationProvider": null,
   "userArn": null,
   "userAgent": "curl/8",
   "user": null
  },
  "domainName": "abcdef1234.execute-api.localhost:4566",
  "deploymentId": "dep123",
  "apiId": "abcdef1234"
 },
 "body": null,
 "isBase64Encoded": false
}`

func TestEventHasEveryMemberInOrder(t *testing.T) {
	var got bytes.Buffer
	if err := json.Indent(&got, eventOf(t, call()), "", " "); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plainEvent, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestEventMembers(t *testing.T) {
	path := func(resource, path string, names, values []string) func(*apigw.Exchange) {
		return func(x *apigw.Exchange) {
			x.Method.ResourcePath, x.Method.PathParams = resource, names
			x.Request.Path, x.Request.StagePath, x.Request.PathValues = path, "/prod"+path, values
		}
	}
	query := func(raw string) func(*apigw.Exchange) { return func(x *apigw.Exchange) { x.Request.RawQuery = raw } }
	body := func(b string, types ...string) func(*apigw.Exchange) {
		return func(x *apigw.Exchange) { x.Request.Body, x.Stage.BinaryMediaTypes = []byte(b), types }
	}
	custom := func(x *apigw.Exchange) {
		x.Request.CustomDomain, x.Request.BasePath, x.Request.StagePath = true, "v1", "/v1/pets/7"
	}
	certified := func(x *apigw.Exchange) {
		x.Identity.ClientCert = &apigw.ClientCert{PEM: "p", IssuerDN: "CN=i", SubjectDN: "CN=s", SerialNumber: "01", NotAfter: "a", NotBefore: "b"}
	}
	private := func(x *apigw.Exchange) { x.Identity.VPCEndpointID, x.Identity.VPCID = "vpce-1", "vpc-1" }
	edge := func(x *apigw.Exchange) { x.Request.EdgeID = "cf" }
	cases := []struct {
		name   string
		change []func(*apigw.Exchange)
		member string // path in the event
		want   string // JSON, "" for none
	}{
		{"no path parameters are null", one(path("/", "/", nil, nil)), "pathParameters", `null`},
		{"path parameters stay encoded", one(path("/{proxy+}", "/a%2Fb/", []string{"proxy"}, []string{"a%2Fb"})), "pathParameters", `{"proxy":"a%2Fb"}`},
		{"path keeps its slash", one(path("/{proxy+}", "/a%2Fb/", []string{"proxy"}, []string{"a%2Fb"})), "requestContext.path", `"/prod/a%2Fb/"`},
		{"of a query parameter the last value counts", one(query("price=10&b=x+y&price=30%2B1&c")), "queryStringParameters", `{"price":"30+1","b":"x y","c":""}`},
		{"multi-value query", one(query("price=10&b=x+y&price=30%2B1&c")), "multiValueQueryStringParameters", `{"price":["10","30+1"],"b":["x y"],"c":[""]}`},
		{"of a header the last value counts", one(sending("X-A", "1", "X-A", "2")), "headers.X-A", `"2"`},
		{"multi-value header", one(sending("X-A", "1", "X-A", "2")), "multiValueHeaders.X-A", `["1","2"]`},
		{"invisible headers are left out", one(sending("Te", "x", "X-A", "")), "headers.Te", ``},
		{"an empty header is there", one(sending("Te", "x", "X-A", "")), "headers.X-A", `""`},
		{"a forwarded client", one(sending("X-Forwarded-For", "10.0.0.1")), "headers.X-Forwarded-For", `"10.0.0.1, 127.0.0.1"`},
		{"stage variables", one(func(x *apigw.Exchange) { x.Stage.Variables = map[string]string{"b": "2", "a": "1"} }), "stageVariables", `{"a":"1","b":"2"}`},
		{"operation name", one(func(x *apigw.Exchange) { x.Method.OperationName = "GetPet" }), "requestContext.operationName", `"GetPet"`},
		{"a custom domain's path keeps the base path", one(custom), "path", `"/v1/pets/7"`},
		{"and the request context's is the same", one(custom), "requestContext.path", `"/v1/pets/7"`},
		{"the base path that matched", one(custom), "requestContext.customDomain", `{"basePathMatched":"v1"}`},
		{"the routing rule that matched", one(func(x *apigw.Exchange) { x.Request.CustomDomain, x.Request.RoutingRule = true, "abc123" }), "requestContext.customDomain", `{"routingRuleIdMatched":"abc123"}`},
		{"at its own endpoint there is none", nil, "requestContext.customDomain", ``},
		{"a client certificate", one(certified), "requestContext.identity.clientCert", `{"clientCertPem":"p","issuerDN":"CN=i","serialNumber":"01","subjectDN":"CN=s","validity":{"notAfter":"a","notBefore":"b"}}`},
		{"a VPC endpoint", one(private), "requestContext.identity.vpceId", `"vpce-1"`},
		{"and its VPC", one(private), "requestContext.identity.vpcId", `"vpc-1"`},
		{"CloudFront's headers, as it spells them", one(edge), "headers.CloudFront-Is-SmartTV-Viewer", `"false"`},
		{"CloudFront's id", one(edge), "headers.X-Amz-Cf-Id", `"cf"`},
		{"a country that the client chose", append(one(edge), sending("Cloudfront-Viewer-Country", "DE")), "headers.CloudFront-Viewer-Country", `"DE"`},
		{"none at other endpoints", nil, "headers.CloudFront-Forwarded-Proto", ``},
		{"no user agent", one(sending("Accept", "x")), "requestContext.identity.userAgent", `null`},
		{"text", one(body("a \"b\"\\\n\t\x01\x7fü\u2028<>&")), "body", "\"a \\\"b\\\"\\\\\\n\\t\\u0001\x7fü\u2028<>&\""},
		{"bytes that are no text", one(body("a\xffb\xe2\x82")), "body", "\"a\uFFFDb\uFFFD\""},
		{"text is not base64", one(body("ab", "image/png")), "isBase64Encoded", `false`},
		{"binary", append(one(body("\x00\xff", "image/*")), sending("Content-Type", "image/png; x=y")), "body", `"AP8="`},
		{"binary is base64", append(one(body("\x00\xff", "image/*")), sending("Content-Type", "image/png; x=y")), "isBase64Encoded", `true`},
		{"an empty binary body is none", append(one(body("", "*/*")), sending("Content-Type", "image/png")), "body", `null`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := member(t, eventOf(t, call(c.change...)), c.member); got != c.want {
				t.Errorf("%s: got %s, want %s", c.member, got, c.want)
			}
		})
	}
}

func one(change func(*apigw.Exchange)) []func(*apigw.Exchange) {
	return []func(*apigw.Exchange){change}
}

func member(t *testing.T, doc []byte, path string) string {
	t.Helper()
	at := json.RawMessage(doc)
	for name := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(at, &object); err != nil {
			t.Fatal(err)
		}
		at = object[name]
	}
	return string(at)
}

func TestHeaderNamesAreSpelledAsTheClientDid(t *testing.T) {
	x := call(sending("X-Test-Header", "1", "Authorization", "me", "Content-Type", "a/b", "Origin", "o"))
	x.Request.SetHeaderNames(func(canonical string) string {
		return map[string]string{"X-Test-Header": "x-tEsT-HEADeR", "Authorization": "aUThorization", "Content-Type": "content-type", "Origin": "origin"}[canonical]
	})
	var event struct {
		Headers           map[string]string
		MultiValueHeaders map[string][]string
	}
	if err := json.Unmarshal(eventOf(t, x), &event); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x-tEsT-HEADeR", "Authorization", "Content-Type", "origin", "Host", "X-Forwarded-For"} {
		if event.Headers[name] == "" || event.MultiValueHeaders[name] == nil {
			t.Errorf("%s is missing in %v", name, event.Headers)
		}
	}
}

func TestHeaderNamesOfHTTP2AreLowerCase(t *testing.T) {
	x := call(sending("X-Test-Header", "1", "Accept", "*/*", "X-Forwarded-For", "10.0.0.1"))
	x.Request.SetHeaderNames(strings.ToLower)
	var event struct{ Headers map[string]string }
	if err := json.Unmarshal(eventOf(t, x), &event); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"x-test-header": "1", "Accept": "*/*", "Host": "abcdef1234.execute-api.localhost:4566", "X-Amzn-Trace-Id": "Root=1-2-3",
		"X-Forwarded-For": "10.0.0.1, 127.0.0.1", "X-Forwarded-Port": "4566", "X-Forwarded-Proto": "http",
	}
	if diff := cmp.Diff(want, event.Headers); diff != "" {
		t.Error(diff)
	}
}

func TestEventReadsAsAWSsOwnType(t *testing.T) {
	x := call(sending("X-A", "1", "X-A", "2"), func(x *apigw.Exchange) { x.Request.RawQuery = "a=1&a=2" })
	x.Request.Body = []byte("hello")
	var got events.APIGatewayProxyRequest
	d := json.NewDecoder(bytes.NewReader(eventOf(t, x)))
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.RequestContext.RequestTimeEpoch != x.Request.Time.UnixMilli() || got.RequestContext.Identity.SourceIP != "127.0.0.1" ||
		got.Body != "hello" || got.QueryStringParameters["a"] != "2" || got.PathParameters["id"] != "7" || got.RequestContext.Stage != "prod" {
		t.Errorf("got %+v", got)
	}
}

func FuzzEventStrings(f *testing.F) {
	f.Add("a", "b\xff\"\\\u2028\x00")
	f.Fuzz(func(t *testing.T, header, body string) {
		x := call(sending("X-A", header))
		x.Request.Body = []byte(body)
		var got events.APIGatewayProxyRequest
		if err := json.Unmarshal(eventOf(t, x), &got); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(body) && got.Body != body || utf8.ValidString(header) && got.Headers["X-A"] != header {
			t.Errorf("%q, %q came as %q, %q", header, body, got.Headers["X-A"], got.Body)
		}
	})
}

func BenchmarkEvent(b *testing.B) {
	l := lambdaOf(returning(`{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"message\":\"hello\"}"}`))
	b.ReportAllocs()
	for b.Loop() {
		x := call()
		if err := l.Proxy(b.Context(), x); err != nil {
			b.Fatal(err)
		}
	}
}
