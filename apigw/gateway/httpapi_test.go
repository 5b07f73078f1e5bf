package gateway

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/apigw"
	"postern/apigw/domain"
)

// httpStage is a stage of an HTTP API with these siblings.
func httpStage(api, name string, siblings ...string) *apigw.Stage {
	s := stage(api, name, echo)
	s.Protocol, s.EndpointType = apigw.HTTP, apigw.EndpointRegional
	if name == apigw.DefaultStage {
		s.Siblings = map[string]bool{}
		for _, other := range siblings {
			s.Siblings[other] = true
		}
	}
	return s
}

// "https://{api_id}.execute-api.{region}.amazonaws.com/ is served by the $default stage, …/{stage} by the
// others": HTTP API guide, "Stages for HTTP APIs". That a stage's name comes first is KensioSoftware/yulin's
// observation; what is answered where there is neither, facts, http-api §2.
func TestStagesOfHTTPAPIsAreNamedByTheFirstSegmentOrAreTheDefault(t *testing.T) {
	all := map[stageKey]*apigw.Stage{}
	for _, s := range []*apigw.Stage{
		httpStage("both123456", "$default", "dev"), httpStage("both123456", "dev"),
		httpStage("only123456", "$default"), httpStage("named12345", "dev"),
	} {
		all[stageKey{s.APIID, s.Name}] = s
	}
	load := func(_ context.Context, api, name string) (*apigw.Stage, error) {
		if s := all[stageKey{api, name}]; s != nil {
			return s, nil
		}
		return nil, apigw.ErrHTTPStageNotFound
	}
	const notFound = `404 {"message":"Not Found"}`
	cases := []struct{ name, host, path, want string }{
		{"the default stage", "only123456.execute-api.localhost", "/pets/7", "200 only123456 $default /pets/7? full=/pets/7"},
		{"its root", "only123456.execute-api.localhost", "/", "200 only123456 $default /? full=/"},
		{"with a sibling", "both123456.execute-api.localhost", "/pets", "200 both123456 $default /pets? full=/pets"},
		{"the sibling", "both123456.execute-api.localhost", "/dev/pets", "200 both123456 dev /pets? full=/dev/pets"},
		{"the sibling's root", "both123456.execute-api.localhost", "/dev", "200 both123456 dev /? full=/dev"},
		{"a longer name is another", "both123456.execute-api.localhost", "/develop", "200 both123456 $default /develop? full=/develop"},
		{"no default stage", "named12345.execute-api.localhost", "/pets", notFound},
		{"no default stage, root", "named12345.execute-api.localhost", "/", notFound},
		{"path form", "localhost", "/_aws/execute-api/both123456/pets", "200 both123456 $default /pets? full=/pets"},
		{"path form without a path", "localhost", "/_aws/execute-api/both123456", "200 both123456 $default /? full=/"},
		{"path form that names the default stage", "localhost", "/_aws/execute-api/both123456/$default/pets", "200 both123456 $default /pets? full=/$default/pets"},
	}
	run := func(t *testing.T, g *Gateway) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				r := httptest.NewRequest("GET", c.path, nil)
				r.Host = c.host
				w := httptest.NewRecorder()
				g.ServeHTTP(w, r)
				got := fmt.Sprintf("%d %s", w.Code, w.Body)
				before, after, _ := strings.Cut(got, " host=")
				if _, full, ok := strings.Cut(after, " full="); ok {
					got = before + " full=" + full
				}
				if got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				if ids := w.Header()["Apigw-Requestid"]; len(ids) != 1 || wire(w.Header(), "x-amzn-RequestId") != "" || wire(w.Header(), "x-amzn-ErrorType") != "" {
					t.Errorf("%v", w.Header())
				}
			})
		}
	}
	t.Run("published", func(t *testing.T) {
		g := New(Options{Load: load})
		for _, s := range all {
			g.Publish(s)
		}
		run(t, g)
	})
	t.Run("after a restart", func(t *testing.T) { run(t, New(Options{Load: load})) })
}

// Facts: http-api §3, §9.
func TestWhatHTTPAPIsDoNotTake(t *testing.T) {
	disabled := httpStage("disabled12", "$default")
	disabled.EndpointDisabled = true
	seen := false
	disabled.Finish = func(x *apigw.Exchange) { seen = true }
	domains := new(domain.Registry)
	domains.Set(domain.New(domain.Domain{Name: "mtls.example", Clients: x509.NewCertPool()}, []domain.Mapping{{API: "open123456", Stage: "$default"}}))
	g := New(Options{Load: nothing, Domains: domains})
	g.Publish(disabled)
	g.Publish(httpStage("open123456", "$default"))
	cases := []struct {
		name, host, header string
		body               int
		want               string
	}{
		{"a body of 10 MB", "open123456", "", maxPayload, "200"},
		{"a larger body", "open123456", "", maxPayload + 1, `413 {"message":"Request Entity Too Large"}`},
		{"a large head", "open123456", strings.Repeat("x", maxHead), 0, `431 {"message":"Request Header Fields Too Large"}`},
		{"a smaller head", "open123456", strings.Repeat("x", maxHead-100), 0, "200"},
		{"a disabled endpoint", "disabled12", "", 0, `403 {"message":"Forbidden"}`},
		{"no client certificate", "mtls.example", "", 0, `403 {"message":"Forbidden"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, sized := range []bool{true, false} {
				r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("b", c.body)))
				if !sized {
					r.ContentLength = -1
				}
				if r.Host = c.host; !strings.Contains(c.host, ".") {
					r.Host += ".execute-api.localhost"
				}
				r.Header.Set("X-Large", c.header)
				w := httptest.NewRecorder()
				g.ServeHTTP(w, r)
				got := fmt.Sprintf("%d %s", w.Code, w.Body)
				if c.want == "200" {
					got = got[:3]
				}
				if got != c.want || wire(w.Header(), "x-amzn-ErrorType") != "" || len(w.Header()["Apigw-Requestid"]) != 1 {
					t.Errorf("%s %v, want %s", got, w.Header(), c.want)
				}
			}
		})
	}
	if !seen {
		t.Error("the refusal was not finished")
	}
}

// Seen in events of browsers, milliHQ/terraform-aws-next-js#31.
func TestHTTPAPIsTakeEveryRequestAsHTTP11(t *testing.T) {
	var protocol, id string
	s := httpStage("open123456", "$default")
	s.Routes = oneMethod{&apigw.Method{Steps: []apigw.Step{{Run: func(_ context.Context, x *apigw.Exchange) error {
		protocol, _ = x.Context("protocol")
		id, _ = x.Context("requestId")
		x.Response.Status = 204
		return nil
	}}}}}
	g := New(Options{Load: nothing})
	g.Publish(s)
	r := httptest.NewRequest("GET", "/x", nil)
	r.Host, r.Proto, r.ProtoMajor = "open123456.execute-api.localhost", "HTTP/2.0", 2
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	if got := w.Header()["Apigw-Requestid"]; protocol != "HTTP/1.1" || len(got) != 1 || got[0] != id || len(id) != 16 {
		t.Errorf("%q, %q and %q", protocol, id, got)
	}
}
