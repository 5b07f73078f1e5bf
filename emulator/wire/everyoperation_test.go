package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

// handlerTransport sends an SDK client's requests straight to a handler.
type handlerTransport struct{ http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Host = r.URL.Host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func sdkConfig(h http.Handler) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://localhost:4566"), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
		HTTPClient:  &http.Client{Transport: handlerTransport{h}},
	}
}

// clients are the SDK's, by package name, with how many operations each must have.
var clients = map[string]struct {
	make       func(aws.Config) any
	operations int
}{
	"apigateway":              {func(c aws.Config) any { return apigateway.NewFromConfig(c) }, 124},
	"apigatewayv2":            {func(c aws.Config) any { return apigatewayv2.NewFromConfig(c) }, 103},
	"apigatewaymanagementapi": {func(c aws.Config) any { return apigatewaymanagementapi.NewFromConfig(c) }, 3},
	"lambda":                  {func(c aws.Config) any { return lambda.NewFromConfig(c) }, 88},
	"iam":                     {func(c aws.Config) any { return iam.NewFromConfig(c) }, 100},
	"sts":                     {func(c aws.Config) any { return sts.NewFromConfig(c) }, 8},
	"acm":                     {func(c aws.Config) any { return acm.NewFromConfig(c) }, 40},
	"cloudwatchlogs":          {func(c aws.Config) any { return cloudwatchlogs.NewFromConfig(c) }, 80},
}

// streaming operations answer with an event stream.
var streaming = []string{"InvokeWithResponseStream", "StartLiveTail", "GetLogObject"}

// A mirror performs every operation of a service: it keeps the input and returns an
// output with every field filled.
type mirror struct {
	got    any
	want   any
	events []any // of a streaming operation
}

func (m *mirror) service(name string, client any) Service {
	s := Service{Name: name}
	t := reflect.TypeOf(client)
	for i := range t.NumMethod() {
		method := t.Method(i)
		if method.Type.NumIn() != 4 || method.Type.NumOut() != 2 {
			continue // Options
		}
		in := method.Type.In(2).Elem()
		op := Operation{Name: method.Name, newInput: func() any { return reflect.New(in).Interface() }}
		if slices.Contains(streaming, method.Name) {
			op.stream = m.stream
		} else {
			op.call = m.call
		}
		s.Operations = append(s.Operations, op)
	}
	return s
}

func (m *mirror) call(_ context.Context, got any) (any, error) {
	m.got = got
	return m.want, nil
}

func (m *mirror) stream(_ context.Context, got any) (any, Events, error) {
	m.got = got
	return m.want, func(send func(any) error) error {
		for _, e := range m.events {
			if err := send(e); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// filler gives every field a value that is not zero, unions their first member.
type filler struct{ c *codec }

func (f filler) fill(v reflect.Value, name string, depth int) {
	if depth > 10 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name, depth+1)
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(time.Unix(1700000000, 0).UTC()))
			return
		}
		for i := range v.NumField() {
			if sf := v.Type().Field(i); sf.IsExported() && sf.Name != "ResultMetadata" {
				f.fill(v.Field(i), sf.Name, depth+1)
			}
		}
	case reflect.Interface:
		f.fillInterface(v, name, depth)
	case reflect.String:
		v.SetString(name)
		if values := f.c.values[v.Type().Name()]; len(values) > 0 {
			v.SetString(values[0])
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("blob"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), name, depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		f.fill(e, name, depth+1)
		v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), e)
	}
}

func (f filler) fillInterface(v reflect.Value, name string, depth int) {
	if v.Type() == reflect.TypeFor[io.Reader]() {
		v.Set(reflect.ValueOf(strings.NewReader("stream")))
		return
	}
	if members := f.c.byShape[v.Type().Name()]; len(members) > 0 {
		member := members[0]
		if depth > 5 && len(members) > 1 { // deep in a union that holds itself: an end
			member = members[1]
		}
		n := reflect.New(member.goType)
		f.fill(n.Elem(), name, depth+1)
		v.Set(n)
	}
}

func TestEveryOperationRoundTripsWithEveryField(t *testing.T) {
	for name, c := range clients {
		t.Run(name, func(t *testing.T) {
			m := &mirror{}
			mux := NewMux(Options{Services: []Service{m.service(name, c.make(aws.Config{Region: "us-east-1"}))}})
			client := reflect.ValueOf(c.make(sdkConfig(mux)))
			f := filler{mux.codecs[name]}
			seen := 0
			for i := range client.NumMethod() {
				op := client.Type().Method(i).Name
				method := client.Method(i)
				if method.Type().NumIn() != 3 || method.Type().NumOut() != 2 {
					continue
				}
				seen++
				t.Run(op, func(t *testing.T) { m.roundTrip(t, f, method, op) })
			}
			if seen < c.operations || name != "iam" && name != "cloudwatchlogs" && name != "sts" && seen != c.operations {
				t.Errorf("the SDK has %d operations, want %d", seen, c.operations)
			}
		})
	}
}

func (m *mirror) roundTrip(t *testing.T, f filler, method reflect.Value, op string) {
	in := reflect.New(method.Type().In(1).Elem())
	want := reflect.New(method.Type().Out(0).Elem())
	f.fill(in.Elem(), "x", 0)
	f.fill(want.Elem(), "x", 0)
	if s := want.Elem().FieldByName("StatusCode"); s.IsValid() && s.Kind() == reflect.Int32 {
		s.SetInt(200)
	}
	if op == "InvokeAsync" {
		want.Elem().FieldByName("Status").SetInt(202)
	}
	m.got, m.want, m.events = nil, want.Interface(), nil
	if slices.Contains(streaming, op) {
		m.events = f.events(want)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	if err, _ := results[1].Interface().(error); err != nil {
		t.Fatal(err)
	}
	if m.got == nil {
		t.Fatal("the operation was not called")
	}
	same(t, "input", reflect.ValueOf(m.got).Elem(), in.Elem())
	same(t, "output", results[0].Elem(), want.Elem())
	if m.events != nil {
		if diff := cmp.Diff(m.events, received(t, results[0]), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("events (-sent +received):\n%s", diff)
		}
	}
}

// events are one filled event of every kind that an output's stream may have.
func (f filler) events(out reflect.Value) (all []any) {
	stream := out.MethodByName("GetStream").Type().Out(0)
	method, _ := stream.MethodByName("Events")
	for _, u := range f.c.byShape[method.Type.Out(0).Elem().Name()] {
		e := reflect.New(u.goType)
		f.fill(e.Elem(), "x", 0)
		all = append(all, e.Interface())
	}
	return all
}

// received reads an output's stream to its end.
func received(t *testing.T, out reflect.Value) (all []any) {
	t.Helper()
	stream := out.MethodByName("GetStream").Call(nil)[0]
	events := stream.MethodByName("Events").Call(nil)[0]
	for {
		e, ok := events.Recv()
		if !ok {
			break
		}
		all = append(all, e.Interface())
	}
	if err, _ := stream.MethodByName("Err").Call(nil)[0].Interface().(error); err != nil {
		t.Errorf("stream: %v", err)
	}
	return all
}

// same compares what came over the wire with what was sent, field by field.
func same(t *testing.T, side string, got, want reflect.Value) {
	t.Helper()
	for i := range want.NumField() {
		name := want.Type().Field(i).Name
		if !want.Type().Field(i).IsExported() || name == "ResultMetadata" || name == "Accepts" {
			continue // the SDK sets Accept itself
		}
		g, w := got.Field(i).Interface(), want.Field(i).Interface()
		if _, stream := w.(io.Reader); stream {
			b, err := io.ReadAll(g.(io.Reader))
			if err != nil || !bytes.Equal(b, []byte("stream")) {
				t.Errorf("%s %s: %q %v", side, name, b, err)
			}
			continue
		}
		if diff := cmp.Diff(w, g, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%s %s (-sent +received):\n%s", side, name, diff)
		}
	}
}
