package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"postern/apigw"
)

// A router that sends every verb and path to one method, and /none nowhere.
type oneMethod struct{ m *apigw.Method }

func (o oneMethod) Route(_, path string, _ []string) (*apigw.Method, []string) {
	if path == "/none" {
		return nil, nil
	}
	return o.m, nil
}

// wire returns a header by its name as it goes over the wire, which for AWS's own is
// not Go's canonical form.
func wire(h http.Header, name string) string {
	if values := h[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// stage answers with what run does.
func stage(api, name string, run func(*apigw.Exchange) error) *apigw.Stage {
	return &apigw.Stage{APIID: api, Name: name, Routes: oneMethod{&apigw.Method{ResourcePath: "/{proxy+}", Verb: "ANY",
		Steps: []apigw.Step{{Name: apigw.StepIntegration, Run: func(_ context.Context, x *apigw.Exchange) error { return run(x) }}}}}}
}

// echo shows how the request was understood.
func echo(x *apigw.Exchange) error {
	r := &x.Request
	x.Response = apigw.Response{Status: 200, Body: []byte(fmt.Sprintf("%s %s %s?%s host=%s full=%s", x.Stage.APIID, x.Stage.Name, r.Path, r.RawQuery, r.Host, r.StagePath))}
	return nil
}

func nothing(context.Context, string, string) (*apigw.Stage, error) { return nil, apigw.ErrAPINotFound }

// The forms of an invoke URL, and how much of the path is the stage's.
// Sources: the URL forms users of local tools have; REST API data plane recordings
// for doubled slashes.
func TestInvokeURLsNameAPIAndStage(t *testing.T) {
	g := New(Options{Load: nothing})
	g.Publish(stage("abc1234567", "prod", echo))
	for _, c := range []struct{ name, host, target, header, want string }{
		{"host form", "abc1234567.execute-api.us-east-1.amazonaws.com", "/prod/pets/7?a=1", "", "abc1234567 prod /pets/7?a=1 host=abc1234567.execute-api.us-east-1.amazonaws.com full=/prod/pets/7"},
		{"any host behind it, with a port", "abc1234567.execute-api.localhost:4566", "/prod/pets", "", "abc1234567 prod /pets? host=abc1234567.execute-api.localhost:4566 full=/prod/pets"},
		{"upper case", "ABC1234567.Execute-API.localhost:4566", "/prod/pets", "", "abc1234567 prod /pets? host=ABC1234567.Execute-API.localhost:4566 full=/prod/pets"},
		{"with an endpoint id", "abc1234567-vpce-0123.execute-api.us-east-1.vpce.amazonaws.com", "/prod/pets", "", "abc1234567 prod /pets? host=abc1234567-vpce-0123.execute-api.us-east-1.vpce.amazonaws.com full=/prod/pets"},
		{"path form", "localhost:4566", "/_aws/execute-api/abc1234567/prod/pets", "", "abc1234567 prod /pets? host=abc1234567.execute-api.localhost:4566 full=/prod/pets"},
		{"older path form", "127.0.0.1:4566", "/restapis/ABC1234567/prod/_user_request_/pets", "", "abc1234567 prod /pets? host=abc1234567.execute-api.localhost:4566 full=/prod/pets"},
		{"older path form, root", "localhost:4566", "/restapis/abc1234567/prod/_user_request_/", "", "abc1234567 prod /? host=abc1234567.execute-api.localhost:4566 full=/prod/"},
		{"older path form, no slash", "localhost:4566", "/restapis/abc1234567/prod/_user_request_", "", "abc1234567 prod /? host=abc1234567.execute-api.localhost:4566 full=/prod"},
		{"header", "localhost:4566", "/prod/pets", "abc1234567", "abc1234567 prod /pets? host=localhost:4566 full=/prod/pets"},
		{"slashes before the stage are dropped", "abc1234567.execute-api.localhost", "//prod/pets", "", "abc1234567 prod /pets? host=abc1234567.execute-api.localhost full=/prod/pets"},
		{"slashes after it count as one", "abc1234567.execute-api.localhost", "/prod//pets", "", "abc1234567 prod /pets? host=abc1234567.execute-api.localhost full=/prod//pets"},
		{"what is encoded stays so", "abc1234567.execute-api.localhost", "/prod/a%2Fb%2Bc", "", "abc1234567 prod /a%2Fb%2Bc? host=abc1234567.execute-api.localhost full=/prod/a%2Fb%2Bc"},
		{"the stage alone", "abc1234567.execute-api.localhost", "/prod", "", "abc1234567 prod /? host=abc1234567.execute-api.localhost full=/prod"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.target, nil)
			r.Host = c.host
			if c.header != "" {
				r.Header.Set("x-apigw-api-id", c.header)
			}
			if _, ok := g.parse(r); !ok {
				t.Fatal("not an invoke URL")
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if w.Code != 200 || w.Body.String() != c.want {
				t.Errorf("%d %s\nwant %s", w.Code, w.Body, c.want)
			}
		})
	}
}

func TestManagementURLsAreNotInvokeURLs(t *testing.T) {
	g := New(Options{Load: nothing})
	for _, url := range []string{"http://localhost:4566/restapis", "http://localhost:4566/restapis/abc/stages/prod", "http://localhost:4566/restapis/abc/resources",
		"http://execute-api.localhost/", "http://localhost:4566/2015-03-31/functions", "http://abc.execute-apix.localhost/prod", "http://apigateway.us-east-1.amazonaws.com/"} {
		if _, ok := g.parse(httptest.NewRequest("GET", url, nil)); ok {
			t.Errorf("%s is taken for an invoke URL", url)
		}
	}
}

// How rejections reach the client. Source: recorded gateway responses.
func TestRejectionsAreWordedAsOnAWS(t *testing.T) {
	custom := map[string]*apigw.GatewayResponse{
		apigw.InvalidAPIKey: {Status: 418, Headers: []apigw.HeaderValue{{Name: "X-Why", Value: func(*apigw.Exchange) []string { return []string{"tea"} }},
			{Name: "X-None", Value: func(*apigw.Exchange) []string { return nil }}},
			Templates: []apigw.GatewayTemplate{
				{MediaType: "text/plain", Render: func(x *apigw.Exchange) string { return "plain" }},
				{MediaType: "application/json", Render: func(x *apigw.Exchange) string {
					v, _ := x.Context("error.messageString")
					return `{"said":` + v + `}`
				}}}},
	}
	for _, c := range []struct {
		name   string
		err    error
		accept string
		status int
		kind   string
		body   string
	}{
		{"before the method runs", &apigw.Rejection{Type: apigw.Throttled}, "", 429, "TooManyRequestsException", `{"message":"Too Many Requests"}`},
		{"while it runs", &apigw.Rejection{Type: apigw.IntegrationTimeout}, "", 504, "InternalServerErrorException", `{"message": "Endpoint request timed out"}`},
		{"a status of its own", &apigw.Rejection{Type: apigw.APIConfigurationError, Status: 502}, "", 502, "InternalServerErrorException", `{"message": "Internal server error"}`},
		{"a denial has a capital M", &apigw.Rejection{Type: apigw.AccessDenied}, "", 403, "AccessDeniedException", `{"Message":"User is not authorized to access this resource"}`},
		{"no message is null", &apigw.Rejection{Type: apigw.AuthorizerFailure}, "", 500, "AuthorizerFailureException", `{"message":null}`},
		{"customised, by Accept", &apigw.Rejection{Type: apigw.InvalidAPIKey}, "application/json", 418, "ForbiddenException", `{"said":"Forbidden"}`},
		{"customised, else the first", &apigw.Rejection{Type: apigw.InvalidAPIKey}, "image/png", 418, "ForbiddenException", "plain"},
		{"any other error is a 500", errors.New("bug"), "", 500, "InternalServerErrorException", `{"message": "Internal server error"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := New(Options{Load: nothing})
			s := stage("api", "s", func(*apigw.Exchange) error { return c.err })
			s.GatewayResponses = custom
			g.Publish(s)
			r := httptest.NewRequest("GET", "/_aws/execute-api/api/s/x", nil)
			r.Header.Set("Accept", c.accept)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if w.Code != c.status || wire(w.Header(), "x-amzn-ErrorType") != c.kind || w.Body.String() != c.body {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			if c.status == 418 && (w.Header().Get("X-Why") != "tea" || w.Header().Get("X-None") != "") {
				t.Errorf("%v", w.Header())
			}
		})
	}
}

func TestWhatIsNotThereIsRefusedAsOnAWS(t *testing.T) {
	g := New(Options{Load: func(_ context.Context, api, _ string) (*apigw.Stage, error) {
		switch api {
		case "known":
			return nil, apigw.ErrStageNotFound
		case "broken":
			return nil, errors.New("does not compile")
		}
		return nil, apigw.ErrAPINotFound
	}})
	s := stage("api", "s", func(*apigw.Exchange) error { panic("as asked") })
	g.Publish(s)
	disabled := stage("off", "s", echo)
	disabled.EndpointDisabled = true
	g.Publish(disabled)
	for _, c := range []struct {
		name, path, authorization string
		status                    int
		kind, body                string
	}{
		{"unknown API", "/_aws/execute-api/nosuch/s/x", "", 404, "NotFoundException", `{"message":"The API id 'nosuch' does not correspond to a deployed API Gateway API"}`},
		{"unknown stage", "/_aws/execute-api/known/s/x", "", 403, "ForbiddenException", `{"message":"Forbidden"}`},
		{"a stage that cannot be compiled", "/_aws/execute-api/broken/s/x", "", 500, "InternalServerErrorException", `{"message":"Internal server error"}`},
		{"a disabled endpoint", "/_aws/execute-api/off/s/x", "", 403, "ForbiddenException", `{"message":"Forbidden"}`},
		{"unknown path", "/_aws/execute-api/api/s/none", "", 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{"unknown path with a bearer token", "/_aws/execute-api/api/s/none", "Bearer xyz", 403, "IncompleteSignatureException",
			`{"message":"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'Ngi8oeROpsTSaOttsCJgJpiSwLQrhrvx53pvoWw8koI='."}`},
		{"unknown path with one word", "/_aws/execute-api/api/s/none", "Bearer", 403, "IncompleteSignatureException",
			`{"message":"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=Bearer"}`},
		{"a panic", "/_aws/execute-api/api/s/x", "", 500, "InternalServerErrorException", `{"message": "Internal server error"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.path, nil)
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if w.Code != c.status || wire(w.Header(), "x-amzn-ErrorType") != c.kind {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			if w.Body.String() != c.body {
				t.Errorf("%s\nwant %s", w.Body, c.body)
			}
			if wire(w.Header(), "x-amzn-RequestId") == "" || wire(w.Header(), "x-amz-apigw-id") == "" {
				t.Error("no request ids")
			}
		})
	}
}

func TestAPayloadOverTenMegabytesIsRefused(t *testing.T) {
	g := New(Options{Load: nothing})
	g.Publish(stage("api", "s", func(x *apigw.Exchange) error {
		x.Response = apigw.Response{Status: 200, Body: []byte(fmt.Sprint(len(x.Request.Body)))}
		return nil
	}))
	srv := httptest.NewServer(g)
	defer srv.Close()
	for _, chunked := range []bool{false, true} {
		for size, want := range map[int]string{maxPayload: fmt.Sprint(maxPayload), maxPayload + 1: "HTTP content length exceeded 10485760 bytes."} {
			body := io.Reader(strings.NewReader(strings.Repeat("x", size)))
			if chunked {
				body = struct{ io.Reader }{body}
			}
			res, err := http.Post(srv.URL+"/_aws/execute-api/api/s/x", "text/plain", body)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if string(got) != want {
				t.Errorf("chunked %v, %d bytes: %d %s", chunked, size, res.StatusCode, got)
			}
		}
	}
}

// A stage is always one or the other, never neither and never an older one.
func TestPublishingIsAtomicUnderLoad(t *testing.T) {
	version := func(n int) *apigw.Stage {
		return stage("api", "s", func(x *apigw.Exchange) error {
			x.Response = apigw.Response{Status: 200, Body: []byte(fmt.Sprint(n))}
			return nil
		})
	}
	g := New(Options{Load: func(context.Context, string, string) (*apigw.Stage, error) { return version(0), nil }})
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 8 {
		wg.Go(func() {
			last := -1
			for {
				select {
				case <-stop:
					return
				default:
				}
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequest("GET", "/_aws/execute-api/api/s/x", nil))
				var n int
				if _, err := fmt.Sscan(w.Body.String(), &n); err != nil || n < last {
					t.Errorf("%d %q after %d", w.Code, w.Body, last)
					return
				}
				last = n
			}
		})
	}
	for n := range 500 {
		g.Publish(version(n + 1))
	}
	close(stop)
	wg.Wait()
}
