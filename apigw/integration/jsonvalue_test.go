package integration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/apigw/jsonschema"
)

var documents = []string{
	`{"name":"you"}`, ` { "a" : [ 1 , -2.50e+7, 12345678901234567890, true , false, null, "x\"\\\u00e9\ud83d\ude00" ], "b":{"c":{}, "d":[]} } `,
	`[]`, `{}`, `"text"`, `7`, `-0.0`, `null`, `true`, `{"a":1,"a":2}`, "\"\xff\xfe\"", `"\ud800"`, `{"":""}`,
	``, ` `, `{`, `{"a":}`, `[1,]`, `01`, `nul`, `{} {}`, `{"a":1}x`, `"\x"`, "\"\n\"",
}

// decodeJSON is as good as the decoder that it saves.
func FuzzDecodeJSON(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		want, failed := jsonschema.Decode(doc)
		got, err := decodeJSON(doc)
		if (err != nil) != (failed != nil) {
			t.Fatalf("%q: %v, want %v", doc, err, failed)
		}
		if failed != nil {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", doc, diff)
		}
	})
}

func BenchmarkDecodeJSON(b *testing.B) {
	doc := []byte(`{"name":"you"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeJSON(doc); err != nil {
			b.Fatal(err)
		}
	}
}
