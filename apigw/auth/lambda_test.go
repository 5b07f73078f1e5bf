package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/integration"
)

// An invoker is a platform whose every function is this one.
type invoker func(apigw.InvokeRequest) (apigw.Invocation, error)

func (f invoker) Invoke(_ context.Context, req apigw.InvokeRequest) (apigw.Invocation, error) {
	return f(req)
}

func returns(payload string) invoker {
	return func(apigw.InvokeRequest) (apigw.Invocation, error) {
		return apigw.Invocation{StatusCode: 200, Payload: []byte(payload)}, nil
	}
}

const allowAll = `{"principalId":"user","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/*/GET/*"}]},"context":{"n":1.50,"b":true,"s":"é"}}`

var now = time.Date(2026, 11, 27, 4, 5, 6, 0, time.UTC)

func exchange(verb, path string, header http.Header) *apigw.Exchange {
	x := &apigw.Exchange{
		Stage:   &apigw.Stage{AccountID: "111122223333", Region: "eu-west-1", APIID: "abc", Name: "prod", Variables: map[string]string{"v": "w"}},
		Method:  &apigw.Method{ResourceID: "res", ResourcePath: "/pets/{id}", Verb: "ANY", PathParams: []string{"id"}},
		Request: apigw.Request{ID: "req", Time: now, Verb: verb, Path: path, StagePath: "/prod" + path, SourceIP: "127.0.0.1"},
		Log:     &apigw.ExecutionLog{Now: func() time.Time { return now }},
	}
	x.Request.SetHeaders(header, func() string { return "Root=1" })
	return x
}

func lambda(t testing.TB, sources string, f invoker) *Lambda {
	all, err := ParseSources(sources)
	if err != nil {
		t.Fatal(err)
	}
	return &Lambda{ID: "aut", Format: TokenFormat(), Sources: all, Invoker: f, Function: integration.ParseText("arn:aws:lambda:eu-west-1:111122223333:function:f"), Now: func() time.Time { return now }}
}

func rejected(t *testing.T, err error) string {
	t.Helper()
	var r *apigw.Rejection
	if !errors.As(err, &r) {
		t.Fatalf("no rejection: %v", err)
	}
	return r.Type
}

func TestAResultIsReadAsJavaReadsIt(t *testing.T) {
	for _, c := range []struct{ name, payload, want string }{
		{"scalars become text as they are written", `{"principalId":7,"policyDocument":{"Statement":[]},"context":{"a":1.50,"b":true,"c":"x","d":1e3}}`, "7 [{a 1.50} {b true} {c x} {d 1e3}]"},
		{"an empty principal is one", `{"principalId":"","policyDocument":{"Statement":[]}}`, " []"},
		{"no context", `{"principalId":"p","policyDocument":{"Statement":[]},"context":null,"usageIdentifierKey":"k"}`, "p [] k"},
		{"an array in the context", `{"principalId":"p","policyDocument":{"Statement":[]},"context":{"a":[1]}}`, "Invalid JSON in response: Can not deserialize instance of java.lang.String out of START_ARRAY token"},
		{"an object in the context", `{"principalId":"p","policyDocument":{"Statement":[]},"context":{"a":{}}}`, "Invalid JSON in response: Can not deserialize instance of java.lang.String out of START_OBJECT token"},
		{"null in the context", `{"principalId":"p","policyDocument":{"Statement":[]},"context":{"a":null}}`, `Invalid JSON in response: the value of "a" in the context is null`},
		{"an unknown member", `{"errorType":"Error"}`, `Invalid JSON in response: Unrecognized field "errorType" , not marked as ignorable`},
		{"a statement without a resource", `{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":"*"}]}}`, "Invalid policy document: policy: statement 1: there is no Resource"},
		{"a policy that is text", `{"principalId":"p","policyDocument":"{}"}`, "the authorizer's result has no policyDocument that is an object"},
		{"no principal", `{"policyDocument":{"Statement":[]}}`, "the authorizer's result has no principalId"},
		{"no policy", `{"principalId":"p"}`, "the authorizer's result has no policyDocument that is an object"},
		{"null", `null`, "Invalid JSON in response: it is not an object"},
		{"a string", `"Unauthorized"`, "Invalid JSON in response: it is not an object"},
		{"nothing", ``, "Invalid JSON in response: EOF"},
		{"cut off", `{"principalId":"p"`, "Invalid JSON in response: EOF"},
		{"more than the quota", `{"principalId":"` + strings.Repeat("x", maxResult) + `"}`, "the authorizer's result of 8210 bytes is larger than the quota of 8192"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := parseResult([]byte(c.payload))
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = strings.TrimRight(strings.Join([]string{r.Authorization.PrincipalID, fields(r.Authorization.Context), r.Authorization.UsageIdentifierKey}, " "), " ")
			}
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func fields(all []apigw.Field) string {
	var parts []string
	for _, f := range all {
		parts = append(parts, "{"+f.Name+" "+f.Value+"}")
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func TestTheTokenEventIsAWSs(t *testing.T) {
	var got apigw.InvokeRequest
	l := lambda(t, "method.request.header.Authorization", func(req apigw.InvokeRequest) (apigw.Invocation, error) {
		got = req
		return apigw.Invocation{Payload: []byte(allowAll)}, nil
	})
	if _, err := l.Ask(t.Context(), exchange("GET", "/pets/7", http.Header{"Authorization": {"Bearer x"}})); err != nil {
		t.Fatal(err)
	}
	want := apigw.InvokeRequest{
		FunctionARN: "arn:aws:lambda:eu-west-1:111122223333:function:f",
		Payload:     []byte(`{"type":"TOKEN","authorizationToken":"Bearer x","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abc/prod/GET/pets/7"}`),
		Principal:   "apigateway.amazonaws.com", SourceAccount: "111122223333", TraceID: "Root=1",
		SourceARN: "arn:aws:execute-api:eu-west-1:111122223333:abc/authorizers/aut",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheRequestEventHasEmptyMaps(t *testing.T) {
	var got string
	l := lambda(t, "", func(req apigw.InvokeRequest) (apigw.Invocation, error) {
		got = string(req.Payload)
		return apigw.Invocation{Payload: []byte(allowAll)}, nil
	})
	l.Format = RequestFormat()
	x := exchange("GET", "/", http.Header{})
	x.Method.PathParams, x.Stage.Variables = nil, nil
	if _, err := l.Ask(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:111122223333:abc/prod/GET/","resource":"/pets/{id}","path":"/","httpMethod":"GET","headers":{"X-Amzn-Trace-Id":"Root=1"`,
		`"queryStringParameters":{},"multiValueQueryStringParameters":{},"pathParameters":{},"stageVariables":{},"requestContext":{"resourceId":"res",`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("%s\nlacks %s", got, part)
		}
	}
	if strings.Contains(got, `"body"`) {
		t.Errorf("%s has a body", got)
	}
}

func TestAMissingIdentityIs401WithoutACall(t *testing.T) {
	l := lambda(t, "method.request.header.A, method.request.querystring.q,stageVariables.v,context.identity.sourceIp", func(apigw.InvokeRequest) (apigw.Invocation, error) {
		t.Error("called")
		return apigw.Invocation{}, nil
	})
	l.Format = RequestFormat()
	for name, x := range map[string]*apigw.Exchange{
		"no query":     exchange("GET", "/", http.Header{"A": {"a"}}),
		"empty header": withQuery(exchange("GET", "/", http.Header{"A": {""}}), "q=1"),
	} {
		_, err := l.Ask(t.Context(), x)
		if got := rejected(t, err); got != apigw.Unauthorized {
			t.Errorf("%s: %s", name, got)
		}
		if got := lines(x); got != "Starting authorizer: aut for request: req\nUnauthorized request: req" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func withQuery(x *apigw.Exchange, query string) *apigw.Exchange {
	x.Request.RawQuery = query
	return x
}

func lines(x *apigw.Exchange) string {
	var all []string
	for _, l := range x.Log.Lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, "\n")
}

func TestAFailingFunctionIs401OnlyIfItSaysUnauthorized(t *testing.T) {
	for payload, want := range map[string]string{
		`{"errorMessage":"Unauthorized","errorType":"Exception"}`:  apigw.Unauthorized,
		`{"errorMessage":"unauthorized","errorType":"Exception"}`:  apigw.AuthorizerConfigurationError,
		`{"errorMessage":"Unauthorized.","errorType":"Exception"}`: apigw.AuthorizerConfigurationError,
	} {
		l := lambda(t, "method.request.header.A", func(apigw.InvokeRequest) (apigw.Invocation, error) {
			return apigw.Invocation{FunctionError: "Unhandled", Payload: []byte(payload)}, nil
		})
		_, err := l.Ask(t.Context(), exchange("GET", "/", http.Header{"A": {"a"}}))
		if got := rejected(t, err); got != want {
			t.Errorf("%s: %s", payload, got)
		}
	}
}

func TestAFunctionThatCannotBeCalledIs500(t *testing.T) {
	l := lambda(t, "method.request.header.A", func(apigw.InvokeRequest) (apigw.Invocation, error) {
		return apigw.Invocation{}, apigw.ErrNotPermitted
	})
	x := exchange("GET", "/", http.Header{"A": {"secret token"}})
	_, err := l.Ask(t.Context(), x)
	if got := rejected(t, err); got != apigw.AuthorizerConfigurationError {
		t.Error(got)
	}
	for _, line := range []string{
		"Incoming identity: ****** token", "Execution failed due to configuration error: Invalid permissions on Lambda function",
		"Execution failed due to configuration error: Authorizer error", "AuthorizerConfigurationException",
	} {
		if !strings.Contains(lines(x), line) {
			t.Errorf("%s\nlacks %s", lines(x), line)
		}
	}
}

// AWS documents no limit; Postern's is that of an integration.
func TestAFunctionThatTakesTooLongIs500(t *testing.T) {
	for name, format := range map[string]Format{"REST": TokenFormat(), "HTTP": HTTPFormat(func(*apigw.Exchange, string, []string) []byte { return nil }, ReadSimple)} {
		synctest.Test(t, func(t *testing.T) {
			l := lambda(t, "method.request.header.A", nil)
			l.Format, l.Invoker, l.Now = format, waits{}, time.Now
			x := exchange("GET", "/", http.Header{"A": {"a"}})
			began := time.Now()
			_, err := l.Ask(t.Context(), x)
			if got := rejected(t, err); got != apigw.AuthorizerConfigurationError || time.Since(began) != timeout {
				t.Errorf("%s: %s after %v", name, got, time.Since(began))
			}
			if got, _ := x.Context("authorizer.error"); !strings.Contains(got, "no answer of the authorizer in 29s") {
				t.Errorf("%s: %s", name, got)
			}
		})
	}
}

// waits is a platform whose functions never answer.
type waits struct{}

func (waits) Invoke(ctx context.Context, _ apigw.InvokeRequest) (apigw.Invocation, error) {
	<-ctx.Done()
	return apigw.Invocation{}, ctx.Err()
}

func TestAResultIsRememberedForItsTime(t *testing.T) {
	var calls atomic.Int32
	l := lambda(t, "method.request.header.A,method.request.header.B", func(apigw.InvokeRequest) (apigw.Invocation, error) {
		calls.Add(1)
		return apigw.Invocation{Payload: []byte(allowAll)}, nil
	})
	clock := now
	l.Format, l.TTL, l.Now = RequestFormat(), time.Minute, func() time.Time { return clock }
	ask := func(a, b string) {
		t.Helper()
		if _, err := l.Ask(t.Context(), exchange("GET", "/", http.Header{"A": {a}, "B": {b}})); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want int32) {
		t.Helper()
		if got := calls.Load(); got != want {
			t.Fatalf("%d calls, want %d", got, want)
		}
	}
	ask("a", "b")
	ask("a", "b")
	expect(1)
	ask("ab", "b") // not the same as "a", "bb"
	ask("a", "bb")
	expect(3)
	clock = clock.Add(time.Minute - 1)
	ask("a", "b")
	expect(3)
	clock = clock.Add(1)
	ask("a", "b")
	expect(4)
	l.Flush()
	ask("a", "b")
	expect(5)
	l.TTL = 0
	ask("a", "b")
	ask("a", "b")
	expect(7)
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	var c cache
	r := &Result{size: 8192}
	for i := range 10000 {
		c.put(strings.Repeat("k", 100)+time.Duration(i).String(), r, 0, now, time.Hour)
	}
	if c.size > maxCache || len(c.byKey) < 1000 || len(c.byKey) > maxCache/8192 {
		t.Errorf("%d bytes, %d entries", c.size, len(c.byKey))
	}
	c.put("late", r, 0, now.Add(2*time.Hour), time.Hour)
	if len(c.byKey) != 1 || c.oldest != c.newest {
		t.Errorf("%d entries are too old", len(c.byKey)-1)
	}
}

func TestCallersOfOneIdentityWaitForOneCall(t *testing.T) {
	synctest.Test(t, callersWait)
}

func callersWait(t *testing.T) {
	var calls atomic.Int32
	release := make(chan struct{})
	l := lambda(t, "method.request.header.A", func(apigw.InvokeRequest) (apigw.Invocation, error) {
		calls.Add(1)
		<-release
		return apigw.Invocation{Payload: []byte(allowAll)}, nil
	})
	l.TTL = time.Minute
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := l.Ask(t.Context(), exchange("GET", "/", http.Header{"A": {"a"}})); err != nil {
				t.Error(err)
			}
		})
	}
	synctest.Wait() // until all of them wait
	close(release)
	wg.Wait()
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// What a function said before a flush is not remembered after it, and who asks after it is told anew.
func TestAFlushReachesCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		release := make(chan struct{})
		l := lambda(t, "method.request.header.A", func(apigw.InvokeRequest) (apigw.Invocation, error) {
			if calls.Add(1) == 1 {
				<-release
			}
			return apigw.Invocation{Payload: []byte(allowAll)}, nil
		})
		l.TTL = time.Minute
		ask := func() {
			if _, err := l.Ask(t.Context(), exchange("GET", "/", http.Header{"A": {"a"}})); err != nil {
				t.Error(err)
			}
		}
		var wg sync.WaitGroup
		wg.Go(ask)
		synctest.Wait()
		l.Flush()
		ask() // does not join the call that began before
		if n := calls.Load(); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
		l.Flush()
		close(release)
		wg.Wait()
		ask() // the first call ended after the flush
		if n := calls.Load(); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}
