package compile_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/gateway"
	"postern/apigw/limit"
	"postern/apigw/websocket/wstest"
)

// guardedSocket is an API whose $connect takes a function that tells of its events, as every route does.
func guardedSocket(change ...func(*compile.V2)) compile.V2 {
	proxy := socketFunction(types.IntegrationTypeAwsProxy, "tell")
	def := defineSocket(socketRoute{key: "$connect", integration: proxy}, socketRoute{key: "$default", integration: proxy})
	for _, c := range change {
		c(&def)
	}
	return def
}

// tellSocket is the function of guardedSocket: it answers with its event.
func tellSocket(call apigw.InvokeRequest) (string, bool) {
	body, err := json.Marshal(map[string]string{"body": string(call.Payload)})
	if err != nil {
		return err.Error(), true
	}
	return string(body), false
}

// connecting makes $connect ask for an authorization.
func connecting(kind types.AuthorizationType, sources ...string) func(*compile.V2) {
	return func(def *compile.V2) {
		def.Routes[0].AuthorizationType = kind
		if kind == types.AuthorizationTypeCustom {
			def.Routes[0].AuthorizerId = aws.String("aut")
			def.Authorizers = []types.Authorizer{{
				AuthorizerId: aws.String("aut"), AuthorizerType: types.AuthorizerTypeRequest, AuthorizerUri: aws.String(authorizerURI), IdentitySource: sources,
				AuthorizerResultTtlInSeconds: aws.Int32(300), // which WebSocket APIs do not heed
			}}
		}
	}
}

// Lambda authorizers of $connect are asked once for each connection, and what they say of it stays with it.
func TestWebSocketAuthorizers(t *testing.T) {
	policyOf := func(effect, resource string) string {
		return `{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"` + effect +
			`","Action":"execute-api:Invoke","Resource":"` + resource + `"}]},"context":{"tenant":"t1","n":7}}`
	}
	arn := "arn:aws:execute-api:eu-west-1:111122223333:api1234567/prod/$connect"
	asked := make(chan apigw.InvokeRequest, 20)
	functions := withAuthorizer(invoker{"arn:aws:lambda:eu-west-1:111122223333:function:tell": tellSocket}, func(call apigw.InvokeRequest) (string, bool) {
		asked <- call
		var e struct{ QueryStringParameters map[string]string }
		if err := json.Unmarshal(call.Payload, &e); err != nil {
			return err.Error(), true
		}
		switch e.QueryStringParameters["token"] {
		case "allow":
			return policyOf("Allow", arn), false
		case "deny":
			return policyOf("Deny", "*"), false
		case "other":
			return policyOf("Allow", strings.Replace(arn, "prod", "dev", 1)), false
		case "unauthorized":
			return `{"errorMessage":"Unauthorized"}`, true
		}
		return `{"errorMessage":"as asked"}`, true
	})
	s := serveSocket(t, guardedSocket(connecting(types.AuthorizationTypeCustom, "route.request.querystring.token", "stageVariables.colour")),
		compile.Deps{Invoker: functions}, gateway.Options{})
	for _, c := range []struct {
		query  string
		status int
		body   string
	}{
		{"", 401, unauthorized},
		{"?token=", 401, unauthorized},
		{"?token=unauthorized", 401, unauthorized},
		{"?token=deny", 403, `{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}`},
		{"?token=other", 403, `{"Message":"User is not authorized to access this resource"}`},
		{"?token=fail", 500, `{"message":null}`},
	} {
		if _, status, body := s.dial(c.query); status != c.status || body != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.query, status, body, c.status, c.body)
		}
	}
	for len(asked) > 0 {
		<-asked
	}
	for range 2 {
		c, status, body := s.dial("?token=allow&x=1")
		if c == nil {
			t.Fatal(status, body)
		}
		var e struct {
			RequestContext struct{ Authorizer map[string]any }
		}
		if err := json.Unmarshal([]byte(ask(c, "hi")), &e); err != nil {
			t.Fatal(err)
		}
		a := e.RequestContext.Authorizer
		if _, ok := a["integrationLatency"].(float64); !ok || a["principalId"] != "me" || a["tenant"] != "t1" || a["n"] != "7" || len(a) != 4 {
			t.Errorf("authorizer of a message: %v", a)
		}
	}
	event := <-asked
	if <-asked; len(asked) > 0 {
		t.Errorf("asked %d times more", len(asked))
	}
	if event.SourceARN != "arn:aws:execute-api:eu-west-1:111122223333:api1234567/authorizers/aut" {
		t.Errorf("source ARN %s", event.SourceARN)
	}
	var got map[string]any
	if err := json.Unmarshal(event.Payload, &got); err != nil {
		t.Fatal(err)
	}
	c := got["requestContext"].(map[string]any)
	if got["type"] != "REQUEST" || got["methodArn"] != arn || c["routeKey"] != "$connect" || c["eventType"] != "CONNECT" || c["authorizer"] != nil ||
		fmt.Sprint(got["stageVariables"], got["multiValueQueryStringParameters"]) != "map[colour:green] map[token:[allow] x:[1]]" || got["httpMethod"] != nil {
		t.Errorf("event %s", event.Payload)
	}
}

func TestWebSocketAWSIAM(t *testing.T) {
	allow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-west-1:111122223333:api1234567/prod/$connect"}]}`
	s := serveSocket(t, guardedSocket(connecting(types.AuthorizationTypeAwsIam)), compile.Deps{
		Invoker: invoker{"arn:aws:lambda:eu-west-1:111122223333:function:tell": tellSocket}, Authenticator: signer{},
	}, gateway.Options{})
	if _, status, body := s.dial("", "X-Policy: "+allow); status != 403 || body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("nobody: %d %s", status, body)
	}
	if _, status, body := s.dial("", "X-Signer: ada", "X-Policy: "+strings.Replace(allow, "$connect", "other", 1)); status != 403 ||
		body != `{"Message":"User: arn:aws:iam::111122223333:user/ada is not authorized to perform: execute-api:Invoke on resource: `+
			`arn:aws:execute-api:eu-west-1:********3333:api1234567/prod/$connect"}` {
		t.Errorf("who may not: %d %s", status, body)
	}
	c, status, body := s.dial("", "X-Signer: ada", "X-Policy: "+allow)
	if c == nil {
		t.Fatal(status, body)
	}
	if got := ask(c, "x"); !strings.Contains(got, `"userArn":"arn:aws:iam::111122223333:user/ada"`) {
		t.Errorf("a message of who signed: %s", got)
	}
}

func TestWebSocketAPIKeys(t *testing.T) {
	def := guardedSocket(func(def *compile.V2) { def.Routes[0].ApiKeyRequired = aws.Bool(true) })
	s := serveSocket(t, def, compile.Deps{
		Invoker: invoker{"arn:aws:lambda:eu-west-1:111122223333:function:tell": tellSocket},
		Keys:    keys(limit.Plan{Rate: free, Stages: everywhere(nil)}),
	}, gateway.Options{})
	for key, want := range map[string]int{"": 403, "unknown": 403, "off-off-off-off-off-off": 403, "loose-loose-loose-loose": 403, "good-good-good-good-good": 101} {
		c, status, body := s.dial("", "X-Api-Key: "+key)
		if status != want || want != 101 && body != forbidden {
			t.Errorf("%q: %d %s, want %d", key, status, body, want)
		}
		if c == nil {
			continue
		}
		if got := ask(c, "x"); !strings.Contains(got, `"apiKeyId":"good"`) {
			t.Errorf("a message: %s", got)
		}
	}
}

// A guard that cannot be had lets nobody connect.
func TestWebSocketGuardsThatCannotBeHad(t *testing.T) {
	for name, change := range map[string]func(*compile.V2){
		"no authorizer":     func(def *compile.V2) { connecting(types.AuthorizationTypeCustom)(def); def.Authorizers = nil },
		"an unknown source": connecting(types.AuthorizationTypeCustom, "route.request.body.x"),
		"no authenticator":  connecting(types.AuthorizationTypeAwsIam),
		"tokens":            connecting(types.AuthorizationTypeJwt),
		"an unknown kind":   connecting("OTHER"),
		"an unknown function": func(def *compile.V2) {
			connecting(types.AuthorizationTypeCustom)(def)
			def.Authorizers[0].AuthorizerUri = aws.String("arn:aws:apigateway:eu-west-1:sqs:path/x")
		},
	} {
		s := serveSocket(t, guardedSocket(change), compile.Deps{Invoker: withAuthorizer(nil, says("{"+allowsAnything+"}"))}, gateway.Options{})
		if _, status, _ := s.dial(""); status != 500 || s.warnings.Len() == 0 {
			t.Errorf("%s: %d, %s", name, status, s.warnings)
		}
	}
}

// A connection keeps its function's answer to itself while $connect runs: nobody finds it before.
func TestAConnectionIsGoneBeforeItsConnect(t *testing.T) {
	var s *socketServer
	answered := make(chan int, 2)
	functions := invoker{"arn:aws:lambda:eu-west-1:111122223333:function:tell": func(call apigw.InvokeRequest) (string, bool) {
		var e struct {
			RequestContext struct{ ConnectionID, EventType string }
		}
		if err := json.Unmarshal(call.Payload, &e); err != nil {
			return err.Error(), true
		}
		answered <- (&server{t: t, url: "http://" + s.addr}).call("POST", "/_aws/execute-api/api1234567/prod/@connections/"+e.RequestContext.ConnectionID, e.RequestContext.EventType,
			"Authorization: AWS4-HMAC-SHA256 x").status
		return `{"statusCode":200}`, false
	}}
	s = serveSocket(t, guardedSocket(), compile.Deps{Invoker: functions}, gateway.Options{})
	c := s.connect()
	if during := <-answered; during != 410 {
		t.Errorf("during $connect: %d", during)
	}
	c.Send(wstest.Fin|wstest.Text, "x")
	c.Wants(wstest.Text, "MESSAGE")
	if after := <-answered; after != 200 {
		t.Errorf("afterwards: %d", after)
	}
}
