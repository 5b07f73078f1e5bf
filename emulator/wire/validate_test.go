package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
)

// operationsOf calls test with every operation of a service and a pointer to a
// zero input.
func operationsOf(t *testing.T, test func(t *testing.T, c *codec, o *route, input reflect.Type)) {
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			m := &mirror{}
			service := m.service(name, client.make(aws.Config{Region: "us-east-1"}))
			c := NewMux(Options{}).codecs[name]
			for i := range c.operations {
				spec := &c.operations[i]
				at := slices.IndexFunc(service.Operations, func(op Operation) bool { return op.Name == spec.name })
				if at < 0 {
					t.Errorf("the client has no %s", spec.name)
					continue
				}
				o := newRoute(c, spec, service.Operations[at], "")
				o.prepare()
				t.Run(spec.name, func(t *testing.T) { test(t, c, o, reflect.TypeOf(o.operation.newInput()).Elem()) })
			}
		})
	}
}

// The SDK's own client checks required members before it sends; the texts of both
// must speak of the same members.
func TestEveryRequiredMemberOfEveryOperationIsAskedFor(t *testing.T) {
	operationsOf(t, func(t *testing.T, c *codec, o *route, input reflect.Type) {
		var want Constraints
		for _, f := range c.planOf(input).fields {
			if slices.Contains(c.need[input.Name()], f.goName) {
				want = append(want, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", c.memberPath(o, "", &f)))
			}
		}
		if len(want) != len(c.need[input.Name()]) {
			t.Errorf("the table asks for %v, of which the input has %d", c.need[input.Name()], len(want))
		}
		if diff := cmp.Diff(want.Message(), c.validate(o, reflect.New(input).Elem())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		full := reflect.New(input).Elem()
		filler{c}.fill(full, "x", 0)
		if text := c.validate(o, full); text != "" {
			t.Errorf("with every member: %s", text)
		}
	})
}

// Every enum below every input is set to a value it does not have.
func TestEveryEnumOfEveryOperationIsChecked(t *testing.T) {
	checked := 0
	operationsOf(t, func(t *testing.T, c *codec, o *route, input reflect.Type) {
		v := reflect.New(input).Elem()
		filler{c}.fill(v, "x", 0)
		wrong := breakEnums(c, v, 0)
		checked += wrong
		text := c.validate(o, v)
		if got := strings.Count(text, "Member must satisfy enum value set: ["); got != wrong {
			t.Errorf("%d enums are wrong, and %d named: %s", wrong, got, text)
		}
	})
	if checked < 200 {
		t.Errorf("only %d enums were found", checked)
	}
}

// breakEnums gives every checked enum below v a wrong value, and counts what must be
// complained about: a list is one complaint.
func breakEnums(c *codec, v reflect.Value, depth int) (n int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && depth < 20 {
			n += breakEnums(c, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" && v.Type() != timeType {
				n += breakEnums(c, v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += breakEnums(c, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			n += breakEnums(c, e, depth+1)
			v.SetMapIndex(k, e)
		}
	case reflect.String:
		if c.enumOf(v.Type()) != nil {
			v.SetString("wrong")
			return 1
		}
	}
	return n
}

func TestListsOfEnumsAreComplainedAboutWhole(t *testing.T) {
	m := NewMux(Options{})
	for _, c := range []struct {
		service, operation string
		in                 any
		want               string
	}{
		{"lambda", "CreateFunction",
			&lambda.CreateFunctionInput{FunctionName: aws.String("f"), Role: aws.String("r"), Code: &types.FunctionCode{}, Architectures: []types.Architecture{"x86_64", "sparc"}},
			"Value '[x86_64, sparc]' at 'architectures' failed to satisfy constraint: " +
				"Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"},
		{"apigateway", "CreateRestApi",
			&apigateway.CreateRestApiInput{Name: aws.String("n"), EndpointConfiguration: &gwtypes.EndpointConfiguration{Types: []gwtypes.EndpointType{"MOON"}}},
			"Value '[MOON]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: " +
				"Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]"},
	} {
		o := newRoute(m.codecs[c.service], &spec{name: c.operation}, Operation{}, "")
		o.prepare()
		if got := m.codecs[c.service].validate(o, reflect.ValueOf(c.in).Elem()); got != "1 validation error detected: "+c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Source: the error that AWS was recorded to answer for an unknown runtime.
func TestLambdaPrintsEnumsInTheOrderOfAJavaSet(t *testing.T) {
	recorded := strings.Split("nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, "+
		"ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2", ", ")
	var model []string
	for _, r := range types.Runtime("").Values() {
		if slices.Contains(recorded, string(r)) {
			model = append(model, string(r))
		}
	}
	if diff := cmp.Diff(recorded, javaSetOrder(model)); diff != "" {
		t.Errorf("(-recorded +computed):\n%s", diff)
	}
}
