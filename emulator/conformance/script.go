package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// A Suite is the scripts in testdata of a service's package. Each file asks a question about AWS, names the
// source of the answer and calls operations: a file "name = Operation" holds the input, the file "want" after
// it the output or the error. ${name.member} is what an output had; what has no want has to succeed.
type Suite struct {
	// Open makes a service with nothing in it, and the SDK's client of it on a server of its own. Both have
	// the operations as methods.
	Open   func(t *testing.T) (ctx context.Context, service, client any)
	Update bool // rewrite what the scripts want
	ISO    bool // times are text, not seconds
}

// Run runs every script, with the service itself and through the SDK.
func (s Suite) Run(t *testing.T) {
	for _, file := range scripts(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			ctx, service, _ := s.Open(t)
			s.run(t, file, ctx, service, s.Update)
		})
		t.Run(name+" through the SDK", func(t *testing.T) {
			ctx, _, client := s.Open(t)
			s.run(t, file, ctx, client, false)
		})
	}
}

func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	return files
}

// Called are the operations that scripts call.
func Called(t *testing.T) map[string]bool {
	t.Helper()
	called := map[string]bool{}
	for _, file := range scripts(t) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			called[f.Name[strings.LastIndex(f.Name, " ")+1:]] = true
		}
	}
	return called
}

func (suite Suite) run(t *testing.T, file string, ctx context.Context, operations any, update bool) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(a.Comment), "\n"); len(lines) < 2 || !strings.HasSuffix(lines[0], "?") || lines[1] == "" {
		t.Errorf("%s starts with no question and source", file)
	}
	s := script{ctx: ctx, iso: suite.ISO, operations: reflect.ValueOf(operations), vars: map[string]string{}}
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

// Play runs a script against a service, whatever comes of it.
func Play(t *testing.T, file string, ctx context.Context, service any) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := script{ctx: ctx, operations: reflect.ValueOf(service), vars: map[string]string{}}
	for _, f := range a.Files {
		if f.Name != "want" {
			s.call(t, f)
		}
	}
}

// A Session runs the steps of one script, for suites that have steps of their own between the calls.
type Session struct{ s script }

// NewSession calls the operations that a value has as methods.
func NewSession(ctx context.Context, operations any) *Session {
	return &Session{script{ctx: ctx, operations: reflect.ValueOf(operations), vars: map[string]string{}}}
}

// Call runs a call: its output as indented JSON, or its error.
func (s *Session) Call(t *testing.T, f txtar.File) string {
	t.Helper()
	return s.s.call(t, f)
}

// Set makes ${name} stand for a value.
func (s *Session) Set(name, value string) {
	s.s.vars["${"+name+"}"] = value
	s.s.order = append(s.s.order, "${"+name+"}")
}

// Expand puts values for names, Fold names for the ids and function URLs of former outputs.
func (s *Session) Expand(text string) string { return s.s.expand(text) }
func (s *Session) Fold(text string) string   { return s.s.fold(text) }

// A script is one that runs.
type script struct {
	ctx        context.Context
	iso        bool
	operations reflect.Value // the service or the SDK's client

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
			return fmt.Sprintf("error %s: %s%s\n", api.ErrorCode(), api.ErrorMessage(), reason(api))
		}
		return "error " + err.Error() + "\n"
	}
	out := s.shown(result[0])
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

// reason is the Reason that an error of the SDK's may have, in brackets.
func reason(err error) string {
	if v := reflect.Indirect(reflect.ValueOf(err)); v.Kind() == reflect.Struct {
		if r := v.FieldByName("Reason"); r.Kind() == reflect.String && r.Len() > 0 {
			return " (" + r.String() + ")"
		}
	}
	return ""
}

// readable turns a Body or a Payload that is written as an object, or as a list of lines, into
// what encoding/json reads into bytes.
func readable(t *testing.T, input string) []byte {
	t.Helper()
	var in map[string]json.RawMessage
	if err := json.Unmarshal([]byte(input), &in); err != nil {
		t.Fatalf("%v in %s", err, input)
	}
	for _, name := range []string{"Body", "Payload"} {
		raw := in[name]
		var lines []string
		switch {
		case bytes.HasPrefix(raw, []byte("{")):
		case bytes.HasPrefix(raw, []byte("[")) && json.Unmarshal(raw, &lines) == nil:
			raw = []byte(strings.Join(lines, "\n"))
		default:
			continue
		}
		in[name], _ = json.Marshal([]byte(raw))
	}
	out, _ := json.Marshal(in)
	return out
}

func (s *script) expand(text string) string {
	for name, value := range s.vars {
		text = strings.ReplaceAll(text, name, value)
	}
	return text
}

// fold puts names for the ids of former outputs, and for URLs, which have the port of a run.
func (s *script) fold(text string) string {
	for _, name := range s.order {
		if lower := strings.ToLower(name); strings.HasSuffix(lower, "id}") || strings.HasSuffix(lower, "functionurl}") {
			text = strings.ReplaceAll(text, s.vars[name], name)
		}
	}
	return text
}

// shown is a value as the wire writes it: names start in lower case, nil and empty
// enums are left out.
func (s *script) shown(v reflect.Value) any {
	if t, ok := v.Interface().(time.Time); ok {
		if s.iso {
			return t.UTC().Format(time.RFC3339)
		}
		return t.Unix()
	}
	switch v.Kind() {
	case reflect.String:
		if pem, _, ok := strings.Cut(v.String(), "-----\nMII"); ok { // a certificate, another one each time
			return pem + "-----"
		}
	case reflect.Pointer:
		return s.shown(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			f, member := v.Type().Field(i), v.Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" || absent(member) {
				continue
			}
			name := []rune(f.Name)
			name[0] = unicode.ToLower(name[0])
			out[string(name)] = s.shown(member)
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = s.shown(v.MapIndex(key))
		}
		return out
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]byte]() {
			return strings.Split(strings.TrimSuffix(string(v.Bytes()), "\n"), "\n") // to be read
		}
		out := []any{}
		for i := range v.Len() {
			out = append(out, s.shown(v.Index(i)))
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
