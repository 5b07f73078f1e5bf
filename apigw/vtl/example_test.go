package vtl_test

import (
	"fmt"

	"postern/apigw/vtl"
)

func Example() {
	t, err := vtl.Parse(`{"id": "$input.params('id')", "name": $input.json('$.name')#if($input.path('$.admin')), "by": "$context.stage"#end}` +
		`#set($context.responseOverride.status = 201)`)
	if err != nil {
		fmt.Println(err) // line, column and a caret
		return
	}
	var overrides vtl.Overrides
	out, err := t.Execute(nil, &vtl.Scope{
		Body:      []byte(`{"name": "Ada", "admin": false}`),
		Path:      vtl.Strings{"id": "7"},
		Overrides: &overrides,
	})
	fmt.Println(string(out), err)
	fmt.Println(overrides.ResponseStatus())
	// Output:
	// {"id": "7", "name": "Ada"} <nil>
	// 201 true
}
