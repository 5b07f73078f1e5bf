package auth

import (
	"net/http"
	"testing"
	"time"

	"postern/apigw/policy"
)

func BenchmarkACachedAuthorization(b *testing.B) {
	for name, sources := range map[string]string{
		"token":            "method.request.header.Authorization",
		"request of three": "method.request.header.Authorization,method.request.querystring.q,context.identity.sourceIp",
	} {
		b.Run(name, func(b *testing.B) {
			l := lambda(b, sources, returns(allowAll))
			if l.TTL = time.Hour; len(l.Sources) > 1 {
				l.Format = RequestFormat()
			}
			x := withQuery(exchange("GET", "/pets/7", http.Header{"Authorization": {"Bearer " + string(make([]byte, 600))}}), "q=1")
			x.Log = nil
			b.ReportAllocs()
			for b.Loop() {
				r, err := l.Ask(b.Context(), x)
				if err != nil {
					b.Fatal(err)
				}
				if r.Decide(x) != policy.Allow {
					b.Fatal("denied")
				}
			}
		})
	}
}
