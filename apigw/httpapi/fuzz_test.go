package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"

	"postern/apigw"
)

// Whatever a function returns is an answer or a rejection, with a status that can be written.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{`"text"`, `{"statusCode":200,"headers":{"a":1},"cookies":["b=c"],"body":"x"}`, `{"statusCode":null}`,
		`{"statusCode":"200","body":{"a":[1,{}]},"isBase64Encoded":"false"}`, `{"statusCode":200,"multiValueHeaders":{"a":["b"]}}`, `"`, `{`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, response := range []func(*apigw.Exchange, []byte) error{response1, response2} {
			x := &apigw.Exchange{}
			if err := response(x, payload); err == nil && (x.Response.Status < 200 || x.Response.Status > 999) {
				t.Errorf("%d for %q", x.Response.Status, payload)
			}
		}
	})
}

// Events are JSON whatever the client sends.
func FuzzEvent(f *testing.F) {
	f.Add("/pets/a%20b", "q=1&q=2&%zz", "a=1; b", "text/plain", []byte("é\xff"))
	f.Add("/%", ";&=", ";", "", []byte{0})
	f.Add("0", "&", "0", "0", []byte("0"))
	f.Fuzz(func(t *testing.T, path, query, cookie, kind string, body []byte) {
		x := &apigw.Exchange{Stage: &apigw.Stage{Name: "dev"}, Method: &apigw.Method{RouteKey: "GET /{id}", PathParams: []string{"id"}}}
		x.Request.Path, x.Request.StagePath, x.Request.RawQuery, x.Request.Body = path, path, query, body
		x.Request.PathValues = []string{path}
		x.Request.SetHeaders(http.Header{"Cookie": {cookie}, "Content-Type": {kind}}, nil)
		for _, event := range [][]byte{appendEvent1(nil, x), appendEvent2(nil, x)} {
			if !json.Valid(event) {
				t.Errorf("%s", event)
			}
		}
	})
}
