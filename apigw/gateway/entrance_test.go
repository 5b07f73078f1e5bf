package gateway

import (
	"net/http/httptest"
	"testing"

	"postern/apigw"
	"postern/apigw/domain"
)

// REST API guide, "Private REST APIs": called by the endpoint's own names or with x-apigw-api-id.
func TestPrivateAPIsAreReachedThroughVPCEndpoints(t *testing.T) {
	private := stage("abc1234567", "prod", echoEndpoint)
	private.EndpointType, private.HasPolicy, private.VPCEndpointIDs = apigw.EndpointPrivate, true, []string{"vpce-0123"}
	naked := stage("naked12345", "prod", echoEndpoint)
	naked.EndpointType = apigw.EndpointPrivate
	regional := stage("public1234", "prod", echoEndpoint)
	regional.EndpointType = apigw.EndpointRegional
	atVPC := func(x *apigw.Exchange) bool { return x.Identity.VPCID == "vpc-0456" && x.Stage != nil }
	serve := func(client string) *Gateway {
		d := new(domain.Registry)
		d.Set(domain.New(domain.Domain{Name: "api.internal", Private: &domain.Private{Endpoints: map[string]bool{"vpce-0123": true}, Allows: atVPC}},
			[]domain.Mapping{{API: "abc1234567", Stage: "prod"}}))
		d.Set(domain.New(domain.Domain{Name: "silent.internal", Private: &domain.Private{Endpoints: map[string]bool{"vpce-0123": true}}},
			[]domain.Mapping{{API: "abc1234567", Stage: "prod"}}))
		g := New(Options{Load: nothing, VPCEndpoints: map[string]string{"vpce-0123": "vpc-0456"}, ClientVPCEndpoint: client, Domains: d})
		g.Publish(private)
		g.Publish(naked)
		g.Publish(regional)
		return g
	}
	const no = `403 {"message":"Forbidden"}`
	for _, c := range []struct{ name, client, host, path, header, want string }{
		{"from nowhere", "", "abc1234567.execute-api.localhost", "/prod", "", no},
		{"by a path form", "", "localhost", "/_aws/execute-api/abc1234567/prod", "", no},
		{"through an endpoint of its own", "", "abc1234567-vpce-0123.execute-api.localhost", "/prod", "", "200 vpce-0123 vpc-0456"},
		{"in capitals", "", "ABC1234567-VPCE-0123.Execute-API.localhost", "/prod", "", "200 vpce-0123 vpc-0456"},
		{"through one that is not", "", "abc1234567-vpce-0999.execute-api.localhost", "/prod", "", no},
		{"through another by header", "", "vpce-0999-abcdefgh.execute-api.us-east-1.vpce.amazonaws.com", "/prod", "abc1234567", "200 vpce-0999 "},
		{"without the header", "", "vpce-0999-abcdefgh.execute-api.us-east-1.vpce.amazonaws.com", "/prod", "", no},
		{"by private DNS", "vpce-0123", "abc1234567.execute-api.localhost", "/prod", "", "200 vpce-0123 vpc-0456"},
		{"by header and configuration", "vpce-0123", "localhost", "/prod", "abc1234567", "200 vpce-0123 vpc-0456"},
		{"without a resource policy", "vpce-0123", "naked12345.execute-api.localhost", "/prod", "", no},
		{"a public API through an endpoint", "", "public1234-vpce-0123.execute-api.localhost", "/prod", "", no},
		{"a public API", "vpce-0123", "public1234.execute-api.localhost", "/prod", "", "200  "},
		{"a private domain", "vpce-0123", "api.internal", "/", "", "200 vpce-0123 vpc-0456"},
		{"a private domain without a policy", "vpce-0123", "silent.internal", "/", "", no},
		{"a private domain from nowhere", "", "api.internal", "/", "", no},
		{"a private domain through another endpoint", "vpce-0999", "api.internal", "/", "", no},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.path, nil)
			r.Host = c.host
			if c.header != "" {
				r.Header.Set("x-apigw-api-id", c.header)
			}
			g, w := serve(c.client), httptest.NewRecorder()
			if _, ok := g.parse(r); !ok {
				t.Fatal("not an invoke URL")
			}
			g.ServeHTTP(w, r)
			if got := w.Result().Status[:4] + w.Body.String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func echoEndpoint(x *apigw.Exchange) error {
	x.Response = apigw.Response{Status: 200, Body: []byte(x.Identity.VPCEndpointID + " " + x.Identity.VPCID)}
	return nil
}

func BenchmarkEdgeAnswers(b *testing.B) {
	for name, kind := range map[string]string{"regional": apigw.EndpointRegional, "edge": apigw.EndpointEdge} {
		b.Run(name, func(b *testing.B) {
			s := stage("abc1234567", "prod", echo)
			s.EndpointType = kind
			g := New(Options{Load: nothing})
			g.Publish(s)
			r := httptest.NewRequest("GET", "http://abc1234567.execute-api.localhost/prod/pets", nil)
			for b.Loop() {
				g.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
