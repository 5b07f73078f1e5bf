package gateway

import (
	"net/http/httptest"
	"regexp"
	"testing"

	"postern/apigw"
)

// The rows are those of facts/rest-dataplane.md §4, "X-Amzn-Trace-Id".
func TestAnswersOfBackendsShowTheTrace(t *testing.T) {
	const root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8"
	const full = root + ";Parent=7fa8c0f79203be72;Sampled=1"
	for _, c := range []struct {
		name, sent       string
		traced, function bool
		want             string
	}{
		{"no backend was called", root, false, false, ``},
		{"an HTTP backend", "", true, false, `Root=1-[0-9a-f]{8}-[0-9a-f]{24}`},
		{"a function", "", true, true, `Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0`},
		{"the client's trace", full, true, false, full},
		{"the client's trace and a function", full, true, true, full},
		{"the client's root gets a parent", root, true, false, root + `;Parent=[0-9a-f]{16}`},
		{"the client's decision stays", root + ";Sampled=1", true, true, root + `;Sampled=1;Parent=[0-9a-f]{16}`},
	} {
		for _, failed := range []bool{false, true} {
			g := New(Options{Load: nothing})
			g.Publish(stage("api", "s", func(x *apigw.Exchange) error {
				x.Response = apigw.Response{Status: 200, Traced: c.traced, Function: c.function}
				if failed {
					return &apigw.Rejection{Type: apigw.Default5XX, Status: 502}
				}
				return nil
			}))
			r := httptest.NewRequest("GET", "/_aws/execute-api/api/s/x", nil)
			if c.sent != "" {
				r.Header.Set("X-Amzn-Trace-Id", c.sent)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if got := w.Header().Get("X-Amzn-Trace-Id"); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
				t.Errorf("%s, failed %v: %q, want %s", c.name, failed, got, c.want)
			}
		}
	}
}
