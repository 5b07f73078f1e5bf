package vtl_test

import (
	"bytes"
	"testing"

	"postern/apigw/vtl"
)

// FuzzVTL wants no panic, no endless run, the same output twice, and nothing appended on an error.
func FuzzVTL(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Template, v.Body)
	}
	for _, seed := range []string{
		"#set($m = {})#set($m.m = $m)$m", "#set($l = [])$l.add($l)$l", "#set($s = 'x')#foreach($i in [1..1000])#set($s = $s + $s)#end$s",
		"#foreach($i in [1..1000])#foreach($j in [1..1000])#foreach($k in [1..1000])x#end#end#end", "$x.format('%999999d', 1)",
		"#define($d)$d#end$d", "#set($a = 'a')$a.replaceAll('(a*)*b', '$9')", `"$\!x" $\\\!x #\#x \\\#if`, "#literal()$x#end #@a()b#end",
		"#set($s = 1.00000000000000000001e99999)$s", "#set($context.x = $context)$context", "#define($d)x#end#set($context.responseOverride.status = $d)",
	} {
		f.Add(seed, `{"a": 1.00000000000000000001e-99999, "b": [[1], {"c": "\ud83d"}]}`)
	}
	f.Fuzz(func(t *testing.T, template, body string) {
		tpl, err := vtl.Parse(template)
		if err != nil {
			if err.Error() == "" {
				t.Error("error without a text")
			}
			return
		}
		first, err := execute(tpl, body)
		if err != nil {
			if len(first) > 0 {
				t.Errorf("output %q with error %v", first, err)
			}
			return
		}
		second, err := execute(tpl, body)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("first %q, then %q, %v", first, second, err)
		}
	})
}

func execute(tpl *vtl.Template, body string) ([]byte, error) {
	var o vtl.Overrides
	defer func() {
		for range o.ResponseHeader() {
		}
		o.ResponseStatus()
	}()
	return tpl.Execute(nil, &vtl.Scope{
		Body: []byte(body), Query: vtl.Strings{"q": "v"}, StageVariables: vtl.Strings{"s": "t"}, MaxOutput: 1 << 16,
		Context: contextOf([]byte(`{"stage": "prod", "identity": {"sourceIp": "127.0.0.1"}}`)), Overrides: &o,
	})
}
