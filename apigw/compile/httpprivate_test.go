package compile_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw/compile"
)

const (
	balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188"
	listener = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
	cloudMap = "arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-4rs6ms5kcsbrz7ju"
)

// privateAt is an integration with a backend behind the VPC link "link".
func privateAt(uri string, change func(*types.Integration)) types.Integration {
	i := backendAt(uri)
	i.ConnectionType, i.ConnectionId = types.ConnectionTypeVpcLink, aws.String("link")
	if change != nil {
		change(&i)
	}
	return i
}

// servePrivate serves ANY /{proxy+} with an integration behind a VPC link, and the addresses of links.
func servePrivate(t *testing.T, stage string, i types.Integration, links map[string]string) *server {
	t.Helper()
	def := defineHTTP(routes{"ANY /{proxy+}": i}, func(def *compile.V2) {
		def.VPCLinks = []types.VpcLink{{VpcLinkId: aws.String("link"), Name: aws.String("by-name")}}
		def.Stage.StageName, def.Stage.StageVariables = &stage, map[string]string{"service": "srv-4rs6ms5kcsbrz7ju"}
	})
	s := &server{t: t, warnings: &bytes.Buffer{}}
	deps := compile.Deps{Logger: slog.New(slog.NewTextHandler(s.warnings, nil)), Links: map[string]*url.URL{}}
	for name, to := range links {
		deps.Links[name], _ = url.Parse(to)
	}
	built, err := compile.BuildHTTP(def, deps)
	if err != nil {
		t.Fatal(err)
	}
	if s.url = publish(t, built); stage != "$default" {
		s.url += "/" + stage
	}
	return s
}

// HTTP API guide, "Create private integrations", read 2026-11.
func TestPrivateIntegrationsReachTheirAddress(t *testing.T) {
	type seen struct{ Verb, Host, URI, Body, Forwarded string }
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		json.NewEncoder(w).Encode(seen{r.Method, r.Host, r.RequestURI, b.String(), r.Header.Get("Forwarded")})
	}))
	defer backend.Close()
	mapped := func(parameters map[string]string) func(*types.Integration) {
		return func(i *types.Integration) { i.RequestParameters = parameters }
	}
	for _, c := range []struct {
		name, stage, uri, link string
		change                 func(*types.Integration)
		path, host             string // host "": that the client called
	}{
		{"the listener's ARN; the path has the stage", "dev", listener, listener, nil, "/dev/pets/a%2Fb?q=1", ""},
		{"the default stage has no name", "$default", listener, listener, nil, "/pets/a%2Fb?q=1", ""},
		{"its load balancer's ARN", "$default", listener, balancer, nil, "/pets/a%2Fb?q=1", ""},
		{"a Cloud Map service, with attributes", "$default", cloudMap + "?stage=prod&deployment=green", cloudMap, nil, "/pets/a%2Fb?q=1", ""},
		{"a stage variable", "$default", strings.Replace(cloudMap, "srv-4rs6ms5kcsbrz7ju", "${stageVariables.service}", 1), cloudMap, nil, "/pets/a%2Fb?q=1", ""},
		{"the link's id", "$default", listener, "link", nil, "/pets/a%2Fb?q=1", ""},
		{"the link's name", "$default", listener, "by-name", nil, "/pets/a%2Fb?q=1", ""},
		{"overwrite:path takes the stage away", "dev", listener, listener, mapped(map[string]string{"overwrite:path": "$request.path"}), "/pets/a%2Fb?q=1", ""},
		{"overwrite:path with static text", "dev", listener, listener, mapped(map[string]string{"overwrite:path": "/v1/all"}), "/v1/all?q=1", ""},
		{"overwrite:header.host", "dev", listener, listener, mapped(map[string]string{"overwrite:header.host": "shop.internal"}), "/dev/pets/a%2Fb?q=1", "shop.internal"},
		{"the verified name is not the host; TLS ends before the backend", "$default", listener, listener,
			func(i *types.Integration) {
				i.TlsConfig = &types.TlsConfig{ServerNameToVerify: aws.String("shop.example.com")}
			}, "/pets/a%2Fb?q=1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := servePrivate(t, c.stage, privateAt(c.uri, c.change), map[string]string{c.link: backend.URL})
			answer := s.call("PUT", "/pets/a%2Fb?q=1", "body", "Content-Type: text/plain")
			var got seen
			if err := json.Unmarshal([]byte(answer.body), &got); err != nil || answer.status != 200 {
				t.Fatalf("%+v", answer)
			}
			u, _ := url.Parse(s.url)
			called := "api1234567.execute-api.localhost:" + u.Port()
			if want := (seen{"PUT", cmp.Or(c.host, called), c.path, "body", "for=127.0.0.1;host=" + called + ";proto=http"}); got != want || s.warnings.Len() > 0 {
				t.Errorf("%+v, want %+v %s", got, want, s.warnings)
			}
		})
	}
}

func TestPrivateIntegrationsVerifyTheServersName(t *testing.T) {
	names := make(chan string, 1)
	backend := httptest.NewUnstartedServer(http.NotFoundHandler())
	backend.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- hello.ServerName
		return nil, nil
	}}
	backend.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	backend.StartTLS()
	defer backend.Close()
	s := servePrivate(t, "$default", privateAt(listener, func(i *types.Integration) {
		i.TlsConfig = &types.TlsConfig{ServerNameToVerify: aws.String("shop.example.com")}
	}), map[string]string{listener: backend.URL})
	if got := s.call("GET", "/x", ""); got.status != 503 || got.body != `{"message":"Service Unavailable"}` {
		t.Errorf("a certificate of nobody's: %+v", got)
	}
	if name := <-names; name != "shop.example.com" {
		t.Errorf("asked for %q", name)
	}
}

func TestPrivateIntegrationsThatLeadNowhere(t *testing.T) {
	const unavailable = `{"message":"Service Unavailable"}`
	for _, c := range []struct {
		name, uri, link string
		status          int
		body, warning   string
	}{
		{"no address", listener, "link", 503, unavailable, "no address for " + listener + ", behind a VPC link: give --vpc-link " + listener + "=URL"},
		{"no link", listener, "gone", 500, internalError, `there is no VPC link \"gone\"`},
		{"a URL", "http://shop.internal", "link", 500, internalError, `\"http://shop.internal\" is neither the ARN of a load balancer's listener nor that of a Cloud Map service`},
	} {
		s := servePrivate(t, "$default", privateAt(c.uri, func(i *types.Integration) { i.ConnectionId = &c.link }), nil)
		if got := s.call("GET", "/x", ""); got.status != c.status || got.body != c.body || !strings.Contains(s.warnings.String(), c.warning) {
			t.Errorf("%s: %+v %s", c.name, got, s.warnings)
		}
	}
}
