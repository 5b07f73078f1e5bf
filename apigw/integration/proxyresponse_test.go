package integration_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/http/httpguts"

	"postern/apigw"
)

func TestProxyResponses(t *testing.T) {
	type answer struct {
		Status int
		Header string // a line each
		Body   string
	}
	cases := []struct {
		name    string
		payload string
		want    answer
	}{
		{"status only", `{"statusCode":200}`, answer{200, "", ""}},
		{"status as a string", `{"statusCode":"201"}`, answer{201, "", ""}},
		{"status as a float", `{"statusCode":418.0}`, answer{418, "", ""}},
		{"status null", `{"statusCode":null}`, answer{200, "", ""}},
		{"nothing", `{}`, answer{200, "", ""}},
		{"each byte that begins nothing is replaced", "{\"body\":\"\xd8\xd8\"}", answer{200, "", "\uFFFD\uFFFD"}},
		{"what is cut short is replaced once", "{\"body\":\"\xe2\x82\\n\"}", answer{200, "", "\uFFFD\n"}},
		{"no status", `{"headers":{"X-A":"1"}}`, answer{200, "X-A: 1\n", ""}},
		{"of a member that comes twice the last counts", `{"statusCode":404,"statusCode":201}`, answer{201, "", ""}},
		{"all nulls", `{"statusCode":200,"headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":null}`, answer{200, "", ""}},
		{"blanks", " {\n\t\"statusCode\" : 204 ,\r\n \"headers\" : { \"a\" : 1 , \"b\" : true } , \"multiValueHeaders\" : { \"c\" : [ 1 , \"2\" ] , \"d\" : [ ] } } ", answer{204, "c: 1\nc: 2\na: 1\nb: true\n", ""}},
		{"header values are made strings", `{"headers":{"a":true,"b":1.50,"c":-1e3,"d":null,"e":""}}`, answer{200, "a: true\nb: 1.50\nc: -1e3\ne: \n", ""}},
		{"multi-value headers", `{"multiValueHeaders":{"Set-Cookie":["a=1","b=2",3]}}`, answer{200, "Set-Cookie: a=1\nSet-Cookie: b=2\nSet-Cookie: 3\n", ""}},
		{"both maps", `{"headers":{"x-a":"solo","b":"1"},"multiValueHeaders":{"X-A":["multi"]}}`, answer{200, "X-A: multi\nX-A: solo\nb: 1\n", ""}},
		{"the same value in both maps", `{"headers":{"x-a":"2"},"multiValueHeaders":{"X-A":["1","2"]}}`, answer{200, "X-A: 1\nX-A: 2\n", ""}},
		{"reserved headers", `{"headers":{"content-length":"9","Server":"mine","X-Amzn-RequestId":"z","transfer-encoding":"chunked","Date":"now","Location":"/x"}}`,
			answer{200, "x-amzn-Remapped-content-length: 9\nx-amzn-Remapped-Server: mine\nx-amzn-Remapped-X-Amzn-RequestId: z\nx-amzn-Remapped-Date: now\nLocation: /x\n", ""}},
		{"body", `{"body":"{\"a\":\"\\u00fc\\n\"}"}`, answer{200, "", `{"a":"\u00fc\n"}`}},
		{"escapes", `{"body":"\b\f\n\r\t\/\"\\\u00Fc\ud83d\ude00\ud83dx\ude00\ud83d\u0041"}`, answer{200, "", "\b\f\n\r\t/\"\\ü😀\uFFFDx\uFFFD\uFFFDA"}},
		{"escaped quote at the end", `{"body":"a\\\"","statusCode":201}`, answer{201, "", `a\"`}},
		{"base64 that the client did not ask for", `{"body":"AP8=","isBase64Encoded":true}`, answer{200, "", "AP8="}},
		{"base64 as a string", `{"body":"AP8=","isBase64Encoded":"false"}`, answer{200, "", "AP8="}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := call()
			if err := lambdaOf(returning(c.payload)).Proxy(t.Context(), x); err != nil {
				t.Fatal(err, rejectionOf(t, err).Err)
			}
			got := answer{x.Response.Status, lines(x.Response.Header), string(x.Response.Body)}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func lines(h apigw.Header) string {
	var b strings.Builder
	for _, f := range h {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}

func TestMalformedProxyResponsesAre502(t *testing.T) {
	for _, payload := range []string{
		``, `null`, `"text"`, `[1]`, `3`, `true`, `{`, `{} {}`, `{"statusCode":200,}`,
		`{"statusCode":"test"}`, `{"statusCode":{}}`, `{"statusCode":true}`, `{"statusCode":200.5}`, `{"statusCode":""}`,
		`{"statusCode":0}`, `{"statusCode":101}`, `{"statusCode":1000}`, `{"statusCode":99999999999999999999}`,
		`{"statusCode":200,"wrongValue":"x"}`, `{"StatusCode":200}`, `{"cookies":[]}`,
		`{"headers":"x"}`, `{"headers":[]}`, `{"headers":{"a":[]}}`, `{"headers":{"a":{}}}`,
		`{"headers":{"a b":"x"}}`, `{"headers":{"":"x"}}`, `{"headers":{"a":"x\r\ny: z"}}`,
		`{"multiValueHeaders":{"k":"v"}}`, `{"multiValueHeaders":{"k":[["v"]]}}`, `{"multiValueHeaders":[]}`,
		`{"body":{"a":1}}`, `{"body":1}`, `{"body":[]}`, `{"isBase64Encoded":1}`, `{"isBase64Encoded":"yes"}`,
		`{"errorMessage":"no"}`,
	} {
		x := call()
		r := rejectionOf(t, lambdaOf(returning(payload)).Proxy(t.Context(), x))
		if r.Status != 502 || r.Message != "Internal server error" || r.ErrorType != "InternalServerErrorException" || !x.Response.Traced {
			t.Errorf("%s: got %+v", payload, r)
		}
		if !strings.Contains(r.Err.Error(), "Malformed Lambda proxy response") {
			t.Errorf("%s: reason %v", payload, r.Err)
		}
	}
}

func TestBase64BodiesAreDecodedForWhoAcceptsBytes(t *testing.T) {
	cases := []struct {
		name, accept string
		types        []string
		body         string
		want         string // "" is 500
	}{
		{"accepted", "image/png", []string{"image/png"}, "AP8=", "\x00\xff"},
		{"by a wildcard of the API", "image/png", []string{"image/*"}, "AP8=", "\x00\xff"},
		{"everything is binary", "", []string{"*/*"}, "AP8=", "\x00\xff"},
		{"only the first type counts", "text/html, image/png", []string{"image/png"}, "AP8=", "AP8="},
		{"a wildcard of the client is text", "image/*", []string{"image/png"}, "AP8=", "AP8="},
		{"no padding", "image/png", []string{"image/png"}, "AP8", "\x00\xff"},
		{"not base64", "image/png", []string{"image/png"}, "not base64!", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := call(sending("Accept", c.accept))
			x.Stage.BinaryMediaTypes = c.types
			payload := `{"body":"` + c.body + `","isBase64Encoded":true,"headers":{"Content-Type":"text/plain"}}`
			err := lambdaOf(returning(payload)).Proxy(t.Context(), x)
			if c.want == "" {
				if r := rejectionOf(t, err); r.Type != apigw.APIConfigurationError {
					t.Errorf("got %v", r)
				}
				return
			}
			if err != nil || string(x.Response.Body) != c.want {
				t.Errorf("got %q, %v", x.Response.Body, err)
			}
		})
	}
}

// Whatever a function returns is a response that net/http can write, or 502.
func FuzzProxyResponse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"statusCode":"201","headers":{"a":true},"multiValueHeaders":{"A":["1",2]},"body":"\ud83d\\","isBase64Encoded":true}`,
		`{"body":"\\\\\""}`, `[{"a":"]"}]`, `{"headers":{"a":{"b":["}"]}}}`, "{\"body\":\"\xff\"}", "{\"body\":\"\xd8\xd8\"}", "{\"body\":\"\xe2\x82\"}", ` { } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		x := call()
		l := lambdaOf(func(context.Context, apigw.InvokeRequest) (apigw.Invocation, error) {
			return apigw.Invocation{StatusCode: 200, Payload: payload}, nil
		})
		if err := l.Proxy(t.Context(), x); err != nil {
			if r := rejectionOf(t, err); r.Status != 502 {
				t.Fatalf("got %v", r)
			}
			return
		}
		var want struct {
			Body *string `json:"body"`
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(payload, &members); err != nil || members == nil {
			t.Fatalf("accepted %q", payload)
		}
		if err := json.Unmarshal(members["body"], &want.Body); members["body"] != nil && err != nil {
			t.Fatal(err)
		}
		if want.Body == nil {
			want.Body = new(string)
		}
		// Where Java and Go differ on bytes that are not UTF-8, TestProxyResponses has what to expect.
		if !utf8.Valid(x.Response.Body) || utf8.Valid(payload) && string(x.Response.Body) != *want.Body {
			t.Fatalf("body %q, want %q", x.Response.Body, *want.Body)
		}
		for _, h := range x.Response.Header {
			if !httpguts.ValidHeaderFieldName(h.Name) || !httpguts.ValidHeaderFieldValue(h.Value) {
				t.Fatalf("header %q: %q", h.Name, h.Value)
			}
		}
		if x.Response.Status < 200 || x.Response.Status > 999 {
			t.Fatalf("status %d", x.Response.Status)
		}
	})
}
