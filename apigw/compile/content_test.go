package compile_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

const (
	toBinary = types.ContentHandlingStrategyConvertToBinary
	toText   = types.ContentHandlingStrategyConvertToText
)

// Facts: rest-dataplane §10, request.
func TestRequestBodyIsBytesOrTextByItsType(t *testing.T) {
	var got string
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	}))
	t.Cleanup(backend.Close)
	image := []string{"image/png", "application/*"}
	const raw = "\xffa\xe2\x82z"
	cases := []struct {
		name        string
		types       []string
		contentType string
		handling    types.ContentHandlingStrategy
		template    string
		body        string
		status      int
		want        string
	}{
		{"text", nil, "image/png", "", "", raw, 200, "\ufffda\ufffdz"},
		{"text of a type that is not in the list", image, "text/plain", "", "", raw, 200, "\ufffda\ufffdz"},
		{"text to text", image, "text/plain", toText, "", "ä", 200, "ä"},
		{"text to binary", image, "text/plain", toBinary, "", "/2E=", 200, "\xffa"},
		{"text to binary that is no base64", image, "text/plain", toBinary, "", "?", 500, ""},
		{"binary", image, "image/png", "", "", raw, 200, raw},
		{"binary by wildcard", image, "application/pdf", "", "", raw, 200, raw},
		{"binary, type with parameters", image, "image/png; q=1", toBinary, "", raw, 200, raw},
		{"binary to text", image, "image/png", toText, "", "\xffa", 200, "/2E="},
		{"template of binary to text", image, "image/png", toText, "<$input.body>", "\xffa", 200, "</2E=>"},
		{"template of binary", image, "image/png", "", "x", "a", 500, ""},
		{"template of text to binary", image, "text/plain", toBinary, "x", "/2E=", 500, ""},
		{"*/* is every type", []string{"*/*"}, "text/plain", "", "", raw, 200, raw},
		{"*/x is none", []string{"*/png"}, "image/png", "", "", raw, 200, "\ufffda\ufffdz"},
	}
	for _, c := range cases {
		for _, kind := range []types.IntegrationType{types.IntegrationTypeHttp, types.IntegrationTypeHttpProxy} {
			if c.template != "" && kind == types.IntegrationTypeHttpProxy {
				continue // no template touches a proxy's body
			}
			t.Run(c.name+" "+string(kind), func(t *testing.T) {
				def := define(methods{"POST /": httpMethod(kind, backend.URL, func(i *types.Integration) {
					i.ContentHandling = c.handling
					if c.template != "" {
						i.RequestTemplates = map[string]string{"image/png": c.template, "text/plain": c.template}
					}
				})})
				def.API.BinaryMediaTypes = c.types
				got = ""
				answer := serve(t, def, nil).call("POST", "/", c.body, "Content-Type: "+c.contentType)
				if answer.status != c.status || got != c.want {
					t.Errorf("%d %q, want %d %q", answer.status, got, c.status, c.want)
				}
			})
		}
	}
}

// With */* among the binary types, a preflight that a MOCK answers fails until its request is
// converted to text: what users of AWS run into.
func TestMockWithAllTypesBinaryNeedsText(t *testing.T) {
	for handling, status := range map[types.ContentHandlingStrategy]int{"": 500, toText: 200} {
		m := mock(`{"statusCode": 200}`, types.IntegrationResponse{ResponseTemplates: templates("")})
		m.MethodIntegration.ContentHandling = handling
		def := define(methods{"OPTIONS /": m})
		def.API.BinaryMediaTypes = []string{"*/*"}
		if got := serve(t, def, nil).call("OPTIONS", "/", ""); got.status != status {
			t.Errorf("contentHandling %q: %d, want %d", handling, got.status, status)
		}
	}
}

// Facts: rest-dataplane §10, response.
func TestResponseBodyIsBytesOrTextByAccept(t *testing.T) {
	payload := map[string]string{"/png": "\xffa", "/text": "/2E=", "/broken": "?"}
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		if r.URL.Path == "/png" {
			w.Header().Set("Content-Type", "image/png")
		}
		io.WriteString(w, payload[r.URL.Path])
	}))
	t.Cleanup(backend.Close)
	image := []string{"image/png"}
	cases := []struct {
		name     string
		types    []string
		path     string
		accept   string
		handling types.ContentHandlingStrategy
		status   int
		want     string
	}{
		{"none configured", nil, "/png", "image/png", "", 200, "\ufffda"},
		{"none configured, to binary", nil, "/text", "text/plain", toBinary, 200, "\xffa"},
		{"text for text", image, "/text", "text/plain", "", 200, "/2E="},
		{"text for text, to binary", image, "/text", "text/plain", toBinary, 200, "\xffa"},
		{"text for binary", image, "/text", "image/png", "", 200, "\xffa"},
		{"text for binary, to text", image, "/text", "image/png", toText, 200, "/2E="},
		{"text for binary that is no base64", image, "/broken", "image/png", "", 500, serverError},
		{"binary for text", image, "/png", "text/plain", "", 200, "/2E="},
		{"binary for text, to binary", image, "/png", "text/plain", toBinary, 200, "\xffa"},
		{"binary for binary", image, "/png", "image/png", "", 200, "\xffa"},
		{"binary for binary, to text", image, "/png", "image/png", toText, 200, "/2E="},
		{"only the first Accept counts", image, "/png", "text/html, image/png", "", 200, "/2E="},
		{"image/* in Accept is not image/png", image, "/png", "image/*", "", 200, "/2E="},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			def := define(methods{"GET /": httpMethod(types.IntegrationTypeHttp, backend.URL+c.path, func(i *types.Integration) {
				i.IntegrationResponses["200"] = types.IntegrationResponse{ContentHandling: c.handling}
			}), "GET /proxy": httpMethod(types.IntegrationTypeHttpProxy, backend.URL+c.path, nil)})
			def.API.BinaryMediaTypes = c.types
			s := serve(t, def, nil)
			if got := s.call("GET", "/", "", "Accept: "+c.accept); got.status != c.status || got.body != c.want {
				t.Errorf("%d %q, want %d %q", got.status, got.body, c.status, c.want)
			}
			if c.handling != "" {
				return
			}
			if got := s.call("GET", "/proxy", "", "Accept: "+c.accept); got.status != c.status || got.body != c.want {
				t.Errorf("proxy: %d %q, want %d %q", got.status, got.body, c.status, c.want)
			}
		})
	}
}
