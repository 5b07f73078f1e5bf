package apigateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"postern/emulator/wire"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata want")

// Each file in testdata asks a question about AWS, names the source of the answer
// and calls operations: a file "name = Operation" holds the input, the file "want"
// after it the output or the error. ${name.member} is what an output had; what has
// no want has to succeed.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			runScript(t, file, b, b.Service, *update)
		})
		t.Run(name+" through the SDK", func(t *testing.T) {
			b := newBench(t)
			runScript(t, file, b, b.client(), false)
		})
	}
}

// client is the SDK's client of the Service on a server of its own.
func (b *bench) client() *sdk.Client {
	server := httptest.NewServer(wire.NewMux(wire.Options{Services: []wire.Service{b.Wire()}}))
	b.t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		BaseEndpoint: &server.URL, Region: region, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	})
}

func runScript(t *testing.T, file string, b *bench, operations any, update bool) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(a.Comment), "\n"); len(lines) < 2 || !strings.HasSuffix(lines[0], "?") || lines[1] == "" {
		t.Errorf("%s starts with no question and source", file)
	}
	s := script{bench: b, operations: reflect.ValueOf(operations), vars: map[string]string{}}
	for i, f := range a.Files {
		if f.Name == "want" {
			continue
		}
		got := s.call(t, f)
		if i+1 == len(a.Files) || a.Files[i+1].Name != "want" {
			if strings.HasPrefix(got, "error ") {
				t.Fatalf("step %d, %s: %s", i, f.Name, got)
			}
			continue
		}
		if update {
			a.Files[i+1].Data = []byte(s.fold(got))
			continue
		}
		if diff := cmp.Diff(s.expand(string(a.Files[i+1].Data)), got); diff != "" {
			t.Errorf("step %d, %s (-want +got):\n%s", i, f.Name, diff)
		}
	}
	if update {
		if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type script struct {
	*bench
	operations reflect.Value // the Service or the SDK's client

	vars  map[string]string // ${name.member} → value
	order []string          // of vars
}

// call runs one step: its output as indented JSON, or its error.
func (s *script) call(t *testing.T, f txtar.File) string {
	t.Helper()
	name, operation, named := strings.Cut(f.Name, " = ")
	if !named {
		operation = name
	}
	method := s.operations.MethodByName(operation)
	if !method.IsValid() {
		t.Fatalf("no operation %s", operation)
	}
	in := reflect.New(method.Type().In(1).Elem())
	d := json.NewDecoder(bytes.NewReader(readable(t, s.expand(string(f.Data)))))
	d.DisallowUnknownFields()
	if err := d.Decode(in.Interface()); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	result := method.Call([]reflect.Value{reflect.ValueOf(s.ctx), in})
	if err, ok := result[1].Interface().(error); ok {
		var api smithy.APIError
		if errors.As(err, &api) {
			return fmt.Sprintf("error %s: %s\n", api.ErrorCode(), api.ErrorMessage())
		}
		return "error " + err.Error() + "\n"
	}
	out := shown(result[0])
	if members, ok := out.(map[string]any); ok && named {
		for key, value := range members {
			if text, ok := value.(string); ok {
				s.vars["${"+name+"."+key+"}"] = text
				s.order = append(s.order, "${"+name+"."+key+"}")
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readable turns a Body that is written as an object, or as a list of lines, into what
// encoding/json reads into bytes.
func readable(t *testing.T, input string) []byte {
	t.Helper()
	var in map[string]json.RawMessage
	if err := json.Unmarshal([]byte(input), &in); err != nil {
		t.Fatalf("%v in %s", err, input)
	}
	raw := in["Body"]
	var lines []string
	switch {
	case bytes.HasPrefix(raw, []byte("{")):
	case bytes.HasPrefix(raw, []byte("[")) && json.Unmarshal(raw, &lines) == nil:
		raw = []byte(strings.Join(lines, "\n"))
	default:
		return []byte(input)
	}
	in["Body"], _ = json.Marshal([]byte(raw))
	out, _ := json.Marshal(in)
	return out
}

func (s *script) expand(text string) string {
	for name, value := range s.vars {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// fold puts names for the ids of former outputs.
func (s *script) fold(text string) string {
	for _, name := range s.order {
		if strings.HasSuffix(strings.ToLower(name), "id}") {
			text = strings.ReplaceAll(text, s.vars[name], name)
		}
	}
	return text
}

// shown is a value as the wire writes it: names start in lower case, nil and empty
// enums are left out, times are seconds.
func shown(v reflect.Value) any {
	if t, ok := v.Interface().(time.Time); ok {
		return t.Unix()
	}
	switch v.Kind() {
	case reflect.String:
		if pem, _, ok := strings.Cut(v.String(), "-----\nMII"); ok { // a certificate, another one each time
			return pem + "-----"
		}
	case reflect.Pointer:
		return shown(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			f, member := v.Type().Field(i), v.Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" || absent(member) {
				continue
			}
			name := []rune(f.Name)
			name[0] = unicode.ToLower(name[0])
			out[string(name)] = shown(member)
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = shown(v.MapIndex(key))
		}
		return out
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]byte]() {
			return strings.Split(strings.TrimSuffix(string(v.Bytes()), "\n"), "\n") // to be read
		}
		out := []any{}
		for i := range v.Len() {
			out = append(out, shown(v.Index(i)))
		}
		return out
	}
	return v.Interface()
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	}
	return false
}

func TestEveryOperationIsCalledByAScript(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			called[f.Name[strings.LastIndex(f.Name, " ")+1:]] = true
		}
	}
	for _, op := range newBench(t).Wire().Operations {
		if !called[op.Name] {
			t.Errorf("%s is not", op.Name)
		}
	}
}
