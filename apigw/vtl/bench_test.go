package vtl_test

import (
	"testing"

	"postern/apigw/vtl"
)

var benchmarks = []struct{ name, template string }{
	{"mock status", `{"statusCode": 200}`},
	{"mock response", `{"message": "hello $input.params('name')", "stage": "$context.stage", "id": "$context.requestId"}`},
	{"body", `{"id": "$input.path('$.orderId')", "all": $input.json('$')}`},
	{"loop", `[#foreach($l in $input.path('$.lines')){"sku": "$l.sku", "n": $foreach.count}#if($foreach.hasNext),#end#end]`},
}

func BenchmarkExecute(b *testing.B) {
	body := []byte(`{"orderId": "o-1", "lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}, {"sku": "c", "qty": 3}]}`)
	query := vtl.Strings{"name": "Ada"}
	context := contextOf([]byte(`{"stage": "prod", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}`))
	for _, one := range benchmarks {
		b.Run(one.name, func(b *testing.B) {
			t, err := vtl.Parse(one.template)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var out []byte
			for b.Loop() {
				s := vtl.Scope{Body: body, Query: query, Context: context}
				if out, err = t.Execute(out[:0], &s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vtl.Parse(benchmarks[3].template); err != nil {
			b.Fatal(err)
		}
	}
}
