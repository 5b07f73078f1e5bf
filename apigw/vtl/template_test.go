package vtl_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/apigw/vtl"
)

func run(t *testing.T, template string, s *vtl.Scope) (string, error) {
	t.Helper()
	tpl, err := vtl.Parse(template)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tpl.Execute(nil, s)
	return string(out), err
}

func TestParseErrorHasLineColumnAndCaret(t *testing.T) {
	_, err := vtl.Parse("{\n  \"é\": #if(1 <> 2)x#end\n}")
	want := "line 2, column 15: unexpected \">\", expected a value\n    \"é\": #if(1 <> 2)x#end\n                ^"
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if all := (vtl.Errors)(nil); !errors.As(err, &all) || len(all) != 1 {
		t.Errorf("%T", err)
	}
}

func TestErrorInAStringPointsAtTheString(t *testing.T) {
	_, err := vtl.Parse("\n#set($a = \"x #if(true)\")")
	if all := (vtl.Errors)(nil); !errors.As(err, &all) || all[0].Line != 2 || all[0].Column != 11 {
		t.Errorf("%v", err)
	}
}

func TestRuntimeErrorHasItsPlaceAndNoOutput(t *testing.T) {
	tpl, err := vtl.Parse("a\nb$input.path('$.s').substring(9)")
	if err != nil {
		t.Fatal(err)
	}
	out, err := tpl.Execute([]byte("before"), &vtl.Scope{Body: []byte(`{"s": "x"}`)})
	if string(out) != "before" {
		t.Errorf("output %q", out)
	}
	if place := (*vtl.Error)(nil); !errors.As(err, &place) || place.Line != 2 {
		t.Errorf("%v", err)
	}
}

func TestTemplateLongerThan300KBIsRefused(t *testing.T) {
	if _, err := vtl.Parse(strings.Repeat("x", vtl.MaxTemplate)); err != nil {
		t.Error(err)
	}
	if _, err := vtl.Parse(strings.Repeat("x", vtl.MaxTemplate+1)); err == nil {
		t.Error("no error")
	}
}

func TestForeachEndsAfterThousandIterations(t *testing.T) {
	out, err := run(t, "#foreach($i in [1..1500])#set($n = $i)#end$n", &vtl.Scope{})
	if out != "1000" || err != nil {
		t.Error(out, err)
	}
}

func TestBreakLeavesTheLoopThatIsNamed(t *testing.T) {
	for template, want := range map[string]string{
		"#foreach($i in [1..3])#foreach($j in [1..3])$i$j #if($j == 2)#break($foreach.parent)#end#end#end|":   "11 12 |",
		`#foreach($i in [1..3])$i#set($s = 'x')#set($z = $s.concat("#if($i == 2)#break($foreach)#end"))#end|`: "12|",
		"#define($d)a#break b#end$d c":          "a c",
		"#foreach($i in [1..3])$i#break#end|$i": "1|",
	} {
		if out, err := run(t, template, &vtl.Scope{}); out != want || err != nil {
			t.Errorf("%s: got %q, want %q, %v", template, out, want, err)
		}
	}
}

func TestWorkAndOutputAreBounded(t *testing.T) {
	for name, template := range map[string]string{
		"nested loops":       strings.Repeat("#foreach($i in [1..1000])", 4) + "#set($x = 1)" + strings.Repeat("#end", 4),
		"output":             "#set($s = $input.body)#foreach($i in [1..1000])$s$s$s$s$s$s$s$s$s$s$s#end",
		"doubled string":     "#set($s = 'x')#foreach($i in [1..1000])#set($s = $s + $s)#end",
		"interpolated":       `#set($s = 'x')#foreach($i in [1..1000])#set($s = "$s$s")#end`,
		"list in itself":     "#set($l = [])#set($z = $l.add($l))$l",
		"JSON array in it":   "#set($l = $input.path('$.l'))#set($z = $l.add($l))$l",
		"doubled list":       "#set($l = [1])#foreach($i in [1..100])#set($z = $l.addAll($l))#end",
		"shared lists":       "#set($l = [1])#foreach($i in [1..100])#set($l = [$l, $l])#end$l",
		"searched lists":     "#set($l = [1..100000])#foreach($i in [1..1000])#if($l.contains('x'))#end#end",
		"range":              "#foreach($i in [1..2000000000])#end",
		"backtracking":       "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')$s.matches('(?=(a+)+$)(a+)+c')",
		"repeated":           "#set($s = 'xxxxxxxxxx')$s.repeat(2000000000)",
		"replaced by itself": "#set($s = 'x')#foreach($i in [1..100])#set($s = $s.replace('x', 'xx'))#end",
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(`{"l": [], "pad": "` + strings.Repeat("x", 1000) + `"}`)
			if out, err := run(t, template, &vtl.Scope{Body: body, MaxOutput: 1 << 20}); err == nil {
				t.Errorf("no error, %d bytes", len(out))
			}
		})
	}
}

func TestSharedListsCompareInBoundedTime(t *testing.T) {
	const build = "#set($%l = [1])#foreach($i in [1..60])#set($%l = [$%l, $%l])#end"
	template := strings.ReplaceAll(build, "%", "a") + strings.ReplaceAll(build, "%", "b") + "#if($al == $bl)same#{else}unknown#end"
	if out, err := run(t, template, &vtl.Scope{}); out != "unknown" || err != nil {
		t.Error(out, err)
	}
}

func TestDeepNestingIsAnError(t *testing.T) {
	for _, unit := range []string{"#if(true)", "#if((", "$a.b([", "#set($a = {'k': ", `#set($a = "`, "#if(!"} {
		if _, err := vtl.Parse(strings.Repeat(unit, 20_000)); err == nil {
			t.Errorf("%s: no error", unit)
		}
	}
}

func TestOverridesSurviveFromRequestToResponseTemplate(t *testing.T) {
	var o vtl.Overrides
	_, err := run(t, `#set($context.responseOverride.status = 444)#set($context.responseOverride.header['X-A'] = "$input.path('$.a')")`+
		`$context.requestOverride.path.put('p', 7)#set($q = $context["requestOverride"].querystring)#set($q.l = [1, 2])#set($context.mine = 'm')`,
		&vtl.Scope{Body: []byte(`{"a": "é"}`), Overrides: &o})
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "$context.responseOverride.status $context.responseOverride.header.X-A $context.mine", &vtl.Scope{Overrides: &o})
	if out != "444 é m" || err != nil {
		t.Error(out, err)
	}
	if status, ok := o.ResponseStatus(); status != 444 || !ok {
		t.Error(status, ok)
	}
	got := map[string]string{}
	for k, v := range o.RequestPath() {
		got["path "+k] = v
	}
	for k, v := range o.RequestQuery() {
		got["query "+k] = v
	}
	for k, v := range o.ResponseHeader() {
		got["header "+k] = v
	}
	if diff := cmp.Diff(map[string]string{"path p": "7", "query l": "[1, 2]", "header X-A": "é"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutOverridesTheyAreForgotten(t *testing.T) {
	s := &vtl.Scope{}
	for range 2 {
		out, err := run(t, "[$context.requestOverride.header.a]#set($context.requestOverride.header.a = 'x')[$context.requestOverride.header.a]", s)
		if out != "[][x]" || err != nil {
			t.Error(out, err)
		}
	}
}

func TestContextPrintsInItsOrderAndGroupsPrintNothing(t *testing.T) {
	context := contextOf([]byte(`{"stage": "t", "identity": {"sourceIp": "1.2.3.4"}, "apiId": "a", "requestTimeEpoch": 1700000000000}`))
	out, err := run(t, "$context|$context.identity|$context.identity.sourceIp|$context.identity.get('user')|$context.identity.keySet()|$context.containsKey('stage')",
		&vtl.Scope{Context: context})
	want := "{stage=t, identity=, apiId=a, requestTimeEpoch=1700000000000, requestOverride=, responseOverride=}||1.2.3.4||[sourceIp]|true"
	if diff := cmp.Diff(want, out); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestLoneSurrogatesPrintAsQuestionMarksAndPairsJoin(t *testing.T) {
	out, err := run(t, "$input.path('$.e').substring(0, 1)$input.path('$.e').substring(1)|$input.path('$.e').substring(0, 1)|$input.path('$.e').length()",
		&vtl.Scope{Body: []byte(`{"e": "😀"}`)})
	if out != "😀|?|2" || err != nil {
		t.Error(out, err)
	}
}

func TestJavaRegularExpressions(t *testing.T) {
	for template, want := range map[string]string{
		`$s.replaceAll('\p{Punct}|\p{Digit}', '')`:    "ab c",
		`$s.replaceAll('[\p{Alpha} ]', '')`:           "1-2_",
		`$s.replaceAll('\P{Alpha}', '')`:              "abc",
		`$s.replaceAll('(?<=a)1', 'x')`:               "ax-b2_ c",
		`$s.replaceAll('(\w)(\d)', '$2$1')`:           "1a-2b_ c",
		`$s.matches('a1') $s.matches('a1.*')`:         "false true",
		`$s.split('[-_ ]+').size()`:                   "3",
		`$s.replaceFirst('[a-z]', '\$')`:              "$1-b2_ c",
		`$s.split('').size() $s.split('-', 1).size()`: "8 1",
	} {
		out, err := run(t, "#set($s = 'a1-b2_ c')"+template, &vtl.Scope{})
		if out != want || err != nil {
			t.Errorf("%s: got %q, want %q, %v", template, out, want, err)
		}
	}
}

func TestOneTemplateServesManyGoroutines(t *testing.T) {
	tpl, err := vtl.Parse("#foreach($i in $input.path('$.l'))#set($s = \"$!s$i\")#end$s")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				out, err := tpl.Execute(nil, &vtl.Scope{Body: []byte(`{"l": [1, 2, 3]}`)})
				if string(out) != "123" || err != nil {
					t.Errorf("%s %v", out, err)
				}
			}
		})
	}
	group.Wait()
}
