package gateway

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/apigw"
)

func TestAcceptEncodingChoosesACoding(t *testing.T) {
	for accepts, want := range map[string]string{
		"": "", "gzip": "gzip", "deflate": "deflate", "deflate, gzip": "gzip", "GZIP;q=0.5, deflate": "deflate", "gzip; q=0": "",
		"br": "", "*": "gzip", "br, *;q=0.1": "gzip", "gzip;q=0, *": "deflate", "identity, gzip;q=0.5": "", "identity;q=0.5, gzip": "gzip",
		"gzip;q=x": "",
	} {
		got := ""
		if c := choose([]string{accepts}); c != nil {
			got = c.name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", accepts, got, want)
		}
	}
}

func encoded(t *testing.T, coding, text string) string {
	t.Helper()
	for _, c := range codings {
		if c.name == coding {
			b, err := c.encode([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	return text
}

func TestPayloadsAreCompressedBothWays(t *testing.T) {
	text := strings.Repeat("abc ", 100)
	least := len(text)
	st := stage("api", "s", func(x *apigw.Exchange) error {
		x.Response.Status, x.Response.Body = 200, x.Request.Body
		if own, ok := x.Request.HeaderValue("X-Own"); ok {
			x.Response.Header.Add("Content-Encoding", own)
		}
		return nil
	})
	st.MinimumCompressionSize = &least
	g := New(Options{})
	g.Publish(st)
	server := httptest.NewServer(g)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	for _, c := range []struct {
		name, coding, body, accepts, own string
		status                           int
		wantCoding, wantBody             string
	}{
		{"large enough", "", text, "gzip", "", 200, "gzip", text},
		{"too small", "", text[1:], "gzip", "", 200, "", text[1:]},
		{"nothing", "", "", "gzip", "", 200, "", ""},
		{"deflate", "", text, "deflate", "", 200, "deflate", text},
		{"not accepted", "", text, "br", "", 200, "", text},
		{"sent with gzip", "gzip", text, "", "", 200, "", text},
		{"sent with deflate, wants gzip", "deflate", text, "gzip", "", 200, "gzip", text},
		{"identity", "identity", text, "", "", 200, "", text},
		{"encoded by the backend", "", text, "gzip", "x", 200, "x", text},
		{"another coding", "br", text, "", "", 415, "", `{"message": "Unsupported Media Type"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+pathForm+"api/s/", strings.NewReader(encoded(t, c.coding, c.body)))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"Content-Encoding": c.coding, "Accept-Encoding": c.accepts, "X-Own": c.own} {
				if value != "" {
					req.Header.Set(name, value)
				}
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var body io.Reader = res.Body
			switch res.Header.Get("Content-Encoding") {
			case "gzip":
				body, err = gzip.NewReader(body)
			case "deflate":
				body, err = zlib.NewReader(body)
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != c.status || res.Header.Get("Content-Encoding") != c.wantCoding || string(b) != c.wantBody {
				t.Errorf("%s, %q: %s", res.Status, res.Header.Get("Content-Encoding"), b)
			}
		})
	}
}

func TestAPayloadThatIsNotWhatItSaysIsRefused(t *testing.T) {
	x := &apigw.Exchange{Stage: &apigw.Stage{}}
	for name, body := range map[string][]byte{
		"no gzip":   []byte("plain"),
		"cut off":   []byte(encoded(t, "gzip", "text"))[:12],
		"too large": []byte(encoded(t, "gzip", strings.Repeat("\x00", maxPayload+1))),
	} {
		x.Request = apigw.Request{Body: bytes.Clone(body)}
		x.Request.SetHeaders(http.Header{"Content-Encoding": {"gzip"}}, nil)
		r := x.Reject(decompress(x))
		if want := map[string]string{"too large": apigw.RequestTooLarge}[name]; r.Type != want && (want != "" || r.Type != apigw.BadRequestBody) {
			t.Errorf("%s: %v", name, r)
		}
	}
}
