package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator"
)

// httpAPI makes an HTTP API whose $default route leads to a backend, and returns its URL.
func (s *server) httpAPI(t *testing.T, backend string, cors *types.Cors) string {
	t.Helper()
	api, err := apigatewayv2.NewFromConfig(s.aws()).CreateApi(t.Context(), &apigatewayv2.CreateApiInput{
		Name: aws.String("web"), ProtocolType: types.ProtocolTypeHttp, Target: &backend, CorsConfiguration: cors,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.url("/_aws/execute-api/" + *api.ApiId)
}

// Whether a page may read an answer is the browser's decision: Chromium's, by the Fetch standard.
func TestCORSAsABrowserSeesIt(t *testing.T) {
	shop, other := newOrigin(t), newOrigin(t)
	var mu sync.Mutex // guards calls
	calls := map[string]int{}
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls[r.URL.Query().Get("case")]++
		mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", other.URL) // what the API says counts
		w.Header().Set("X-Shown", "shown")
		w.Header().Set("X-Hidden", "hidden")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, r.Method+" "+r.Header.Get("X-Custom")+" "+r.Header.Get("Cookie"))
	}))
	defer backend.Close()
	s := start(t, emulator.Config{Lambda: processes(t)})
	strict := s.httpAPI(t, backend.URL, &types.Cors{
		AllowOrigins: []string{shop.URL}, AllowMethods: []string{"GET", "PUT"}, AllowHeaders: []string{"x-custom"},
		ExposeHeaders: []string{"x-shown"}, AllowCredentials: aws.Bool(true), MaxAge: aws.Int32(0),
	})
	open := s.httpAPI(t, backend.URL, &types.Cors{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}})
	none := s.httpAPI(t, backend.URL, nil)

	const refused = "TypeError: Failed to fetch"
	cases := []struct {
		name   string
		from   *origin
		url    string
		how    string // the second argument of fetch
		said   string // status, body and headers; or what was thrown
		called int    // how often the backend was
	}{
		{"an allowed origin", shop, strict, `{}`, "418 GET   shown null", 1},
		{"a preflight for a method and a header", shop, strict, `{method: "PUT", headers: {"X-Custom": "1"}}`, "418 PUT 1  shown null", 1},
		{"credentials", shop, strict, `{credentials: "include"}`, "418 GET  who=me shown null", 1},
		{"credentials behind a preflight", shop, strict, `{method: "PUT", credentials: "include", headers: {"X-Custom": "1"}}`, "418 PUT 1 who=me shown null", 1},
		{"a header that is not allowed", shop, strict, `{headers: {"X-Other": "1"}}`, refused, 0},
		{"a method that is not allowed", shop, strict, `{method: "DELETE"}`, refused, 0},
		{"a forbidden origin, whose request is sent all the same", other, strict, `{}`, refused, 1},
		{"a forbidden origin's preflight", other, strict, `{method: "PUT"}`, refused, 0},
		{"any origin", other, open, `{method: "DELETE", headers: {"X-Custom": "1"}}`, "418 DELETE 1  null null", 1},
		{"any origin, but no credentials", other, open, `{credentials: "include"}`, refused, 1},
		{"without CORS the backend speaks for itself", other, none, `{}`, "418 GET   null null", 1},
		{"without CORS nobody answers preflights", other, none, `{method: "PUT"}`, refused, 1},
	}
	said := map[string]string{}
	for _, o := range []*origin{shop, other} {
		script := `document.cookie = "who=me"
			const said = {}, ask = (name, url, how) => fetch(url, how).then(
				async r => said[name] = ` + "`${r.status} ${await r.text()} ${r.headers.get(\"x-shown\")} ${r.headers.get(\"x-hidden\")}`" + `,
				e => said[name] = String(e))
			`
		for i, c := range cases {
			if c.from == o {
				script += fmt.Sprintf("await ask(%q, %q, %s)\n", c.name, c.url+"/x?case="+strconv.Itoa(i), c.how)
			}
		}
		o.run(script+"return said", &said)
	}
	mu.Lock()
	defer mu.Unlock()
	for i, c := range cases {
		if n := calls[strconv.Itoa(i)]; said[c.name] != c.said || n != c.called {
			t.Errorf("%s: %q, %d calls; want %q, %d", c.name, said[c.name], n, c.said, c.called)
		}
	}
}
