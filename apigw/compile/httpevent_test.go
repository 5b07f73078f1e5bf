package compile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/domain"
	"postern/apigw/gateway"
)

// An event of AWS (aws/aws-lambda-java-libs#230), of a route and a path of our own.
func TestEventOfFormat2(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"POST /pets/{id}/{rest+}": proxyOf("2.0")}, func(d *compile.V2) {
		d.Stage.StageVariables = map[string]string{"b": "2", "a": "1"}
	}), telling())
	got := s.call("POST", "/pets/a%20b/c%20d/e?q=Hello%20World&tag=C%23&tag=.NET%20Core&a", `{"x":"é"}`,
		"Content-Type: application/json", "X-Two: 1", "X-Two: 2", "Cookie: c1=1; c2=2", "User-Agent: test/1", "Accept-Encoding: identity")
	var e map[string]any
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err, got)
	}
	context := e["requestContext"].(map[string]any)
	host := context["domainName"].(string)
	headers := e["headers"].(map[string]any)
	want := fmt.Sprintf(`{"version":"2.0","routeKey":"POST /pets/{id}/{rest+}","rawPath":"/pets/a b/c d/e","rawQueryString":"q=Hello%%20World&tag=C%%23&tag=.NET%%20Core&a",`+
		`"cookies":["c1=1","c2=2"],"headers":{"accept-encoding":"identity","content-length":"10","content-type":"application/json","host":%q,"user-agent":"test/1",`+
		`"x-amzn-trace-id":%q,"x-forwarded-for":"127.0.0.1","x-forwarded-port":%q,"x-forwarded-proto":"http","x-two":"1,2"},`+
		`"queryStringParameters":{"a":"","q":"Hello World","tag":"C#,.NET Core"},`+
		`"requestContext":{"accountId":"111122223333","apiId":"api1234567","domainName":%q,"domainPrefix":"api1234567",`+
		`"http":{"method":"POST","path":"/pets/a b/c d/e","protocol":"HTTP/1.1","sourceIp":"127.0.0.1","userAgent":"test/1"},`+
		`"requestId":%q,"routeKey":"POST /pets/{id}/{rest+}","stage":"$default","time":%q,"timeEpoch":%.0f},`+
		`"body":"{\"x\":\"é\"}","pathParameters":{"id":"a b","rest":"c d/e"},"isBase64Encoded":false,"stageVariables":{"a":"1","b":"2"}}`,
		host, headers["x-amzn-trace-id"], headers["x-forwarded-port"], host, got.header.Get("Apigw-Requestid"), context["time"], context["timeEpoch"])
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Error(diff)
	}
}

// Recorded on AWS: ministackorg/ministack#766.
func TestOnlyBodiesOfAFewTypesAreText(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"POST /": proxyOf("2.0")}), telling())
	for kind, binary := range map[string]bool{
		"text/plain": false, "text/csv; charset=utf-8": false, "application/json": false, "application/xml": false, "application/javascript": false,
		"application/x-www-form-urlencoded": true, "application/vnd.api+json": true, "image/png": true, "": true,
	} {
		t.Run(kind, func(t *testing.T) {
			var e struct {
				Body            string
				IsBase64Encoded bool
			}
			got := s.call("POST", "/", "hi", "Content-Type: "+kind)
			if err := json.Unmarshal([]byte(got.body), &e); err != nil {
				t.Fatal(err)
			}
			want := "hi"
			if binary {
				want = "aGk="
			}
			if e.Body != want || e.IsBase64Encoded != binary {
				t.Errorf("%+v", e)
			}
		})
	}
}

// Members and order: HTTP API guide, "Payload format structure"; values recorded on AWS (the snapshots of
// aws/aws-lambda-dotnet, Tools/LambdaTestTool-v2).
func TestEventOfFormat1(t *testing.T) {
	s := serveHTTP(t, defineHTTP(routes{"ANY /reviews/{product}/{author}": proxyOf("1.0")}, func(d *compile.V2) {
		d.Stage.StageName = aws.String("dev")
	}), telling())
	got := s.call("GET", "/reviews/%E2%98%95%20Coffee/me?b=1&b=2", "", "X-Two: 1", "X-Two: 2", "User-Agent: test/1", "Cookie: a=1", "Accept-Encoding: identity")
	var e map[string]any
	if err := json.Unmarshal([]byte(got.body), &e); err != nil {
		t.Fatal(err, got)
	}
	context := e["requestContext"].(map[string]any)
	host, id := context["domainName"].(string), got.header.Get("Apigw-Requestid")
	headers := e["headers"].(map[string]any)
	trace, port := headers["X-Amzn-Trace-Id"], headers["X-Forwarded-Port"]
	want := fmt.Sprintf(`{"version":"1.0","resource":"/reviews/{product}/{author}","path":"/dev/reviews/%%E2%%98%%95%%20Coffee/me","httpMethod":"GET",`+
		`"headers":{"Accept-Encoding":"identity","Content-Length":"0","Cookie":"a=1","Host":%[1]q,"User-Agent":"test/1","X-Amzn-Trace-Id":%[2]q,`+
		`"X-Forwarded-For":"127.0.0.1","X-Forwarded-Port":%[3]q,"X-Forwarded-Proto":"http","X-Two":"2"},`+
		`"multiValueHeaders":{"Accept-Encoding":["identity"],"Content-Length":["0"],"Cookie":["a=1"],"Host":[%[1]q],"User-Agent":["test/1"],"X-Amzn-Trace-Id":[%[2]q],`+
		`"X-Forwarded-For":["127.0.0.1"],"X-Forwarded-Port":[%[3]q],"X-Forwarded-Proto":["http"],"X-Two":["1","2"]},`+
		`"queryStringParameters":{"b":"2"},"multiValueQueryStringParameters":{"b":["1","2"]},`+
		`"requestContext":{"accountId":"111122223333","apiId":"api1234567","domainName":%[1]q,"domainPrefix":"api1234567","extendedRequestId":%[4]q,"httpMethod":"GET",`+
		`"identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,`+
		`"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"127.0.0.1","user":null,"userAgent":"test/1","userArn":null},`+
		`"path":"/dev/reviews/☕ Coffee/me","protocol":"HTTP/1.1","requestId":%[4]q,"requestTime":%[5]q,"requestTimeEpoch":%.0[6]f,`+
		`"resourceId":"ANY /reviews/{product}/{author}","resourcePath":"/reviews/{product}/{author}","stage":"dev"},`+
		`"pathParameters":{"author":"me","product":"☕ Coffee"},"stageVariables":null,"body":null,"isBase64Encoded":false}`,
		host, trace, port, id, context["requestTime"], context["requestTimeEpoch"])
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Error(diff)
	}
}

// HTTP API guide, "Payload format differences": "rawPath doesn't provide the API mapping value. Use format
// 1.0 and path"; that it has the stage instead: vendia/serverless-express#465.
func TestPathsOfEventsAtACustomDomain(t *testing.T) {
	for _, c := range []struct{ stage, version, want string }{
		{"dev", "2.0", "GET /pets/{id} /dev/pets/a b /dev/pets/a b api.example.com api"},
		{"$default", "2.0", "GET /pets/{id} /pets/a b /pets/a b api.example.com api"},
		{"dev", "1.0", "GET /pets/{id} /orders/v1/pets/a%20b /orders/v1/pets/a b api.example.com api"},
		{"$default", "1.0", "GET /pets/{id} /orders/v1/pets/a%20b /orders/v1/pets/a b api.example.com api"},
	} {
		t.Run(c.stage+" "+c.version, func(t *testing.T) {
			stage := buildHTTP(t, defineHTTP(routes{"GET /pets/{id}": proxyOf(c.version)}, func(d *compile.V2) { d.Stage.StageName = &c.stage }), telling())
			domains := new(domain.Registry)
			domains.Set(domain.New(domain.Domain{Name: "api.example.com"}, []domain.Mapping{{Key: "orders/v1", API: stage.APIID, Stage: c.stage}}))
			g := gateway.New(gateway.Options{Domains: domains})
			g.Publish(stage)
			r := httptest.NewRequest("GET", "/orders/v1/pets/a%20b", nil)
			r.Host = "api.example.com"
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			var e struct {
				RouteKey, RawPath, Path string
				RequestContext          struct {
					HTTP                                       struct{ Path string }
					ResourceID, Path, DomainName, DomainPrefix string
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
				t.Fatal(err, w.Body)
			}
			rc := e.RequestContext
			got := strings.Join([]string{e.RouteKey + rc.ResourceID, e.RawPath + e.Path, rc.HTTP.Path + rc.Path, rc.DomainName, rc.DomainPrefix}, " ")
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// HTTP API guide, "Payload format structure".
func TestEventsShowTheClientsCertificate(t *testing.T) {
	const cert = `"clientCert":{"clientCertPem":"PEM","issuerDN":"CN=ca","serialNumber":"a1","subjectDN":"CN=me","validity":{"notAfter":"then","notBefore":"now"}}`
	for version, want := range map[string]string{
		"2.0": `"apiId":"api1234567","authentication":{` + cert + `},"domainName"`, "1.0": `"userArn":null,` + cert + `},"path"`,
	} {
		stage := buildHTTP(t, defineHTTP(routes{"GET /": proxyOf(version)}), telling())
		m, _ := stage.Routes.Route("GET", "/", nil)
		m.Steps = slices.Insert(m.Steps, 0, apigw.Step{Run: func(_ context.Context, x *apigw.Exchange) error {
			x.Identity.ClientCert = &apigw.ClientCert{PEM: "PEM", SubjectDN: "CN=me", IssuerDN: "CN=ca", SerialNumber: "a1", NotBefore: "now", NotAfter: "then"}
			return nil
		}})
		if got := (&server{t: t, url: publish(t, stage)}).call("GET", "/", ""); !strings.Contains(got.body, want) {
			t.Errorf("%s: %s", version, got.body)
		}
	}
}

// HTTP API guide, "Payload format structure" and "Control access to HTTP APIs"; the shapes are told at
// apigw.Authorization.
func TestEventsTellWhoMayCall(t *testing.T) {
	jwt := &apigw.Authorization{HasClaims: true, Claims: []apigw.Field{{Name: "sub", Value: "ada"}, {Name: "groups", Value: "[a b]"}}}
	scoped := *jwt
	scoped.Scopes = []string{"pets/read", "email"}
	asked := &apigw.Authorization{PrincipalID: "me", Context: []apigw.Field{{Name: "n", Value: "1"}}, ContextJSON: []byte(`{"n":1,"list":[true]}`)}
	signer := apigw.Identity{AccessKey: "AKIA", AccountID: "111122223333", Caller: "AIDA:ada", UserARN: "arn:aws:iam::111122223333:user/ada", User: "AIDA"}
	pooled := signer
	pooled.CognitoIdentityID, pooled.CognitoIdentityPoolID = "eu-west-1:1", "eu-west-1:2"
	pooled.CognitoAuthenticationType, pooled.CognitoAuthenticationProvider = "authenticated", "graph.example.com,graph.example.com:app:user"
	for _, c := range []struct {
		name          string
		authorization *apigw.Authorization
		identity      apigw.Identity
		version       string
		want          string
	}{
		{"nobody", nil, apigw.Identity{}, "2.0", ``},
		{"nobody", nil, apigw.Identity{}, "1.0", ``},
		{"a token", jwt, apigw.Identity{}, "2.0", `{"jwt":{"claims":{"groups":"[a b]","sub":"ada"},"scopes":null}}`},
		{"a token with scopes", &scoped, apigw.Identity{}, "2.0", `{"jwt":{"claims":{"groups":"[a b]","sub":"ada"},"scopes":["pets/read","email"]}}`},
		{"a token with scopes", &scoped, apigw.Identity{}, "1.0", `{"claims":{"groups":"[a b]","sub":"ada"},"scopes":["pets/read","email"]}`},
		{"a function", asked, apigw.Identity{}, "2.0", `{"lambda":{"list":[true],"n":1}}`},
		{"a function without a context", &apigw.Authorization{}, apigw.Identity{}, "2.0", `{"lambda":null}`},
		{"a function", asked, apigw.Identity{}, "1.0", `{"n":"1","principalId":"me"}`},
		{"a signature", nil, signer, "2.0", `{"iam":{"accessKey":"AKIA","accountId":"111122223333","callerId":"AIDA:ada","cognitoIdentity":null,"principalOrgId":null,` +
			`"userArn":"arn:aws:iam::111122223333:user/ada","userId":"AIDA"}}`},
		{"a signature of an identity pool", nil, pooled, "2.0", `{"iam":{"accessKey":"AKIA","accountId":"111122223333","callerId":"AIDA:ada",` +
			`"cognitoIdentity":{"amr":["authenticated","graph.example.com","graph.example.com:app:user"],"identityId":"eu-west-1:1","identityPoolId":"eu-west-1:2"},` +
			`"principalOrgId":null,"userArn":"arn:aws:iam::111122223333:user/ada","userId":"AIDA"}}`},
		{"a signature", nil, signer, "1.0", ``},
	} {
		t.Run(c.name+" "+c.version, func(t *testing.T) {
			stage := buildHTTP(t, defineHTTP(routes{"GET /": proxyOf(c.version)}), telling())
			m, _ := stage.Routes.Route("GET", "/", nil)
			m.Steps = slices.Insert(m.Steps, 0, apigw.Step{Name: apigw.StepAuthorizer, Run: func(_ context.Context, x *apigw.Exchange) error {
				x.Authorization, x.Identity = c.authorization, c.identity
				return nil
			}})
			got := (&server{t: t, url: publish(t, stage)}).call("GET", "/", "")
			var e struct {
				RequestContext struct {
					Authorizer any
					Identity   struct{ AccessKey, UserARN *string }
				}
			}
			if err := json.Unmarshal([]byte(got.body), &e); err != nil {
				t.Fatal(err, got)
			}
			b, _ := json.Marshal(e.RequestContext.Authorizer)
			if text := strings.TrimPrefix(string(b), "null"); text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
			if id := e.RequestContext.Identity; c.version == "1.0" && c.identity.AccessKey != "" && (id.AccessKey == nil || id.UserARN == nil) {
				t.Errorf("%+v", id)
			}
		})
	}
}
