package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/integration"
)

// An invokerFunc is a Lambda service with one function, a Go one.
type invokerFunc func(context.Context, apigw.InvokeRequest) (apigw.Invocation, error)

func (f invokerFunc) Invoke(ctx context.Context, call apigw.InvokeRequest) (apigw.Invocation, error) {
	return f(ctx, call)
}

// returning is a function that returns the same for every event.
func returning(payload string) invokerFunc {
	return func(context.Context, apigw.InvokeRequest) (apigw.Invocation, error) {
		return apigw.Invocation{RequestID: "inv-1", StatusCode: 200, Payload: []byte(payload), ExecutedVersion: "$LATEST"}, nil
	}
}

const functionARN = "arn:aws:lambda:us-east-1:000000000000:function:f"

func lambdaOf(f invokerFunc) *integration.Lambda {
	return &integration.Lambda{Invoker: f, Function: integration.ParseText(functionARN), Timeout: time.Minute}
}

// call is GET /pets/7?a=1 of a method ANY /pets/{id}, as the gateway hands it over.
func call(change ...func(*apigw.Exchange)) *apigw.Exchange {
	x := &apigw.Exchange{
		Stage: &apigw.Stage{AccountID: "123456789012", Region: "us-east-1", APIID: "abcdef1234", Name: "prod", DeploymentID: "dep123"},
		Method: &apigw.Method{
			ResourceID: "res123", ResourcePath: "/pets/{id}", Verb: "ANY", PathParams: []string{"id"},
		},
		Request: apigw.Request{
			ID: "11111111-2222-3333-4444-555555555555", ExtendedID: "K2G9wEbUoAMEvag=",
			Time: time.Date(2020, 3, 12, 19, 3, 58, 390e6, time.UTC),
			Verb: "GET", Path: "/pets/7", StagePath: "/prod/pets/7", Protocol: "HTTP/1.1",
			Host: "abcdef1234.execute-api.localhost:4566", SourceIP: "127.0.0.1", PathValues: []string{"7"},
		},
	}
	x.Request.SetHeaders(http.Header{"User-Agent": {"curl/8"}, "Accept": {"*/*"}, "Connection": {"close"}}, func() string { return "Root=1-2-3" })
	for _, c := range change {
		c(x)
	}
	return x
}

// sending sets headers; later ones of a name are further values.
func sending(namesAndValues ...string) func(*apigw.Exchange) {
	return func(x *apigw.Exchange) {
		h := http.Header{}
		for i := 0; i < len(namesAndValues); i += 2 {
			h.Add(namesAndValues[i], namesAndValues[i+1])
		}
		x.Request.SetHeaders(h, func() string { return "Root=1-2-3" })
	}
}

func rejectionOf(t *testing.T, err error) *apigw.Rejection {
	t.Helper()
	var r *apigw.Rejection
	if !errors.As(err, &r) {
		t.Fatalf("no rejection: %v", err)
	}
	return r
}

func TestProxyCallsTheFunctionForTheMethod(t *testing.T) {
	var got apigw.InvokeRequest
	l := lambdaOf(func(ctx context.Context, call apigw.InvokeRequest) (apigw.Invocation, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("no deadline")
		}
		got = call
		return returning(`{}`)(ctx, call)
	})
	l.Function = integration.ParseText(functionARN + ":${stageVariables.alias}")
	x := call(func(x *apigw.Exchange) { x.Stage.Variables = map[string]string{"alias": "live"} })
	if err := l.Proxy(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	got.Payload = nil
	want := apigw.InvokeRequest{
		FunctionARN: functionARN + ":live", Principal: "apigateway.amazonaws.com", SourceAccount: "123456789012",
		SourceARN: "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/ANY/pets/{id}", TraceID: "Root=1-2-3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !x.Response.Traced {
		t.Error("not traced")
	}
}

func TestFunctionsThatCannotAnswerAreRejected(t *testing.T) {
	failed := apigw.Invocation{RequestID: "inv-1", StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"boom","errorType":"Error"}`)}
	cases := []struct {
		name   string
		out    apigw.Invocation
		err    error
		kind   string
		status int
		reason string
	}{
		{"raises an error", failed, nil, apigw.Default5XX, 502, "Lambda execution failed with status 200 due to customer function error: boom. Lambda request id: inv-1"},
		{"not permitted", apigw.Invocation{}, fmt.Errorf("x: %w", apigw.ErrNotPermitted), apigw.APIConfigurationError, 0, "Invalid permissions on Lambda function"},
		{"throttled", apigw.Invocation{}, fmt.Errorf("x: %w", apigw.ErrThrottled), apigw.APIConfigurationError, 0, "Rate Exceeded."},
		{"not there", apigw.Invocation{}, fmt.Errorf("x: %w", apigw.ErrFunctionNotFound), apigw.APIConfigurationError, 0, "function not found"},
		{"platform fault", apigw.Invocation{}, errors.New("disk full"), apigw.APIConfigurationError, 0, "disk full"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := call()
			err := lambdaOf(func(context.Context, apigw.InvokeRequest) (apigw.Invocation, error) { return c.out, c.err }).Proxy(t.Context(), x)
			r := rejectionOf(t, err)
			if r.Type != c.kind || r.Status != c.status || !strings.Contains(r.Err.Error(), c.reason) || !x.Response.Traced {
				t.Errorf("got %+v (%v), traced %v", r, r.Err, x.Response.Traced)
			}
		})
	}
}

func TestEventsLargerThanLambdaTakesAreRefused(t *testing.T) {
	x := call(func(x *apigw.Exchange) { x.Request.Body = make([]byte, 6<<20) })
	r := rejectionOf(t, lambdaOf(returning(`{}`)).Proxy(t.Context(), x))
	if r.Type != apigw.RequestTooLarge || !x.Response.Traced {
		t.Errorf("got %v, traced %v", r, x.Response.Traced)
	}
}

func TestSlowFunctionsTimeOut(t *testing.T) {
	waiting := func(ctx context.Context, _ apigw.InvokeRequest) (apigw.Invocation, error) {
		<-ctx.Done()
		return apigw.Invocation{}, ctx.Err()
	}
	l := lambdaOf(waiting)
	l.Timeout = 10 * time.Millisecond
	for name, serve := range map[string]func(context.Context, *apigw.Exchange) error{"AWS_PROXY": l.Proxy, "AWS": l.Call} {
		if r := rejectionOf(t, serve(t.Context(), call())); r.Type != apigw.IntegrationTimeout {
			t.Errorf("%s: got %v", name, r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := lambdaOf(waiting).Proxy(ctx, call()); !errors.Is(err, context.Canceled) {
		t.Errorf("client gone: %v", err)
	}
}

func TestCallSendsTheMappedBody(t *testing.T) {
	cases := []struct {
		name     string
		body     string
		header   apigw.Header
		payload  string
		how      string
		out      apigw.Invocation
		status   int
		selector *string
	}{
		{"body", `{"a":1}`, nil, `{"a":1}`, "", apigw.Invocation{StatusCode: 200, Payload: []byte(`5`)}, 200, nil},
		{"empty body", "", nil, `{}`, "", apigw.Invocation{StatusCode: 200, Payload: []byte(`5`)}, 200, nil},
		{"asynchronous", "", apigw.Header{{Name: "x-amz-invocation-type", Value: "Event"}}, `{}`, "Event", apigw.Invocation{StatusCode: 202}, 202, nil},
		{"error", "", nil, `{}`, "", apigw.Invocation{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no such pet"}`)}, 200, ptr("no such pet")},
		{"error without a message", "", nil, `{}`, "", apigw.Invocation{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(`null`)}, 200, ptr("")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := call()
			x.Endpoint.Request = apigw.EndpointRequest{Body: []byte(c.body), Header: c.header}
			err := lambdaOf(func(_ context.Context, in apigw.InvokeRequest) (apigw.Invocation, error) {
				if string(in.Payload) != c.payload || in.InvocationType != c.how {
					t.Errorf("called with %s, %q", in.Payload, in.InvocationType)
				}
				return c.out, nil
			}).Call(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			got := x.Endpoint.Response
			if got.Status != c.status || string(got.Body) != string(c.out.Payload) || got.Header.Get("content-type") != "application/json" {
				t.Errorf("got %+v", got)
			}
			if diff := cmp.Diff(c.selector, got.Selector); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ptr(s string) *string { return &s }

func TestSomeHeadersMayNotBeMappedToAFunction(t *testing.T) {
	for _, name := range []string{"Authorization", "connection", "Content-Length", "Expect", "Proxy-Authenticate", "TE", "Transfer-Encoding", "X-Amz-Client-Context"} {
		x := call()
		x.Endpoint.Request.Header = apigw.Header{{Name: name, Value: "x"}}
		r := rejectionOf(t, lambdaOf(returning(`1`)).Call(t.Context(), x))
		if r.Type != apigw.APIConfigurationError || x.Response.Traced {
			t.Errorf("%s: %v, traced %v", name, r, x.Response.Traced)
		}
	}
	x := call()
	x.Endpoint.Request.Header = apigw.Header{{Name: "Server", Value: "x"}, {Name: "X-Mine", Value: "x"}}
	if err := lambdaOf(returning(`1`)).Call(t.Context(), x); err != nil {
		t.Error(err)
	}
}

// eventOf is the event that a function gets, for tests and to compare.
func eventOf(t testing.TB, x *apigw.Exchange) []byte {
	var event []byte
	err := lambdaOf(func(ctx context.Context, in apigw.InvokeRequest) (apigw.Invocation, error) {
		event = in.Payload
		return returning(`{}`)(ctx, in)
	}).Proxy(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(event) {
		t.Fatalf("not JSON: %s", event)
	}
	return event
}
