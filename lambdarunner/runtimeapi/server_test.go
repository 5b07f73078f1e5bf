package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// A runtime is a test's own runtime: it calls the API as a client would.
type runtime struct {
	t    testing.TB
	api  *Server
	base string
	kill chan struct{}
}

func newRuntime(t testing.TB, timeout time.Duration, extensions ...string) *runtime {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fn := &lambdarunner.Function{ARN: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", Name: "f", Version: "$LATEST", AccountID: "000000000000", Handler: "m.f", MemoryMB: 128, Timeout: timeout}
	r := &runtime{t: t, base: "http://" + l.Addr().String() + "/2018-06-01/runtime", kill: make(chan struct{}, 8)}
	r.api = Start(Options{
		Function: fn, Listener: l, InitLimit: 50 * time.Millisecond,
		Output: lambdarunner.NewOutput(fn, "stream", nil, time.Now),
		Kill:   func() { r.kill <- struct{}{} }, Extensions: extensions,
	})
	t.Cleanup(func() { r.api.Close() })
	return r
}

// call makes one request and returns status, body and headers.
func (r *runtime) call(method, path, body string, headers ...string) (int, string, http.Header) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

// invoke hands an event over in the background.
func (r *runtime) invoke(inv *lambdarunner.Invocation) <-chan *lambdarunner.Result {
	done := make(chan *lambdarunner.Result, 1)
	go func() {
		result, err := r.api.Invoke(context.Background(), inv)
		if err != nil {
			r.t.Error(err)
		}
		done <- result
	}()
	return done
}

func TestNextCarriesTheEventAndItsHeaders(t *testing.T) {
	r := newRuntime(t, 3*time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id-1", InvokedARN: "arn:f", Payload: []byte(`{"a":1}`), TraceID: "Root=1-2-3", ClientContext: `{"c":1}`})
	status, body, h := r.call("GET", "/invocation/next", "")
	if status != 200 || body != `{"a":1}` {
		t.Fatal(status, body)
	}
	for name, want := range map[string]string{"Lambda-Runtime-Aws-Request-Id": "id-1", "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
		"Lambda-Runtime-Trace-Id": "Root=1-2-3", "Lambda-Runtime-Client-Context": `{"c":1}`} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	deadline, err := strconv.ParseInt(h.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if left := time.Until(time.UnixMilli(deadline)); err != nil || left <= 0 || left > 3*time.Second {
		t.Errorf("deadline in %s: %v", left, err)
	}
	if status, body, _ := r.call("POST", "/invocation/id-1/response", `"done"`); status != 202 || body != "{\"status\":\"OK\"}\n" {
		t.Error(status, body)
	}
	if result := <-done; string(result.Payload) != `"done"` || result.FunctionError != "" || result.InitDuration == 0 {
		t.Errorf("%+v", result)
	}
	if _, _, h := r.emptyHeaders(t); h.Get("Lambda-Runtime-Client-Context") != "" {
		t.Error("an empty header is sent")
	}
}

func (r *runtime) emptyHeaders(t *testing.T) (int, string, http.Header) {
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id-2"})
	status, body, h := r.call("GET", "/invocation/next", "")
	r.call("POST", "/invocation/id-2/response", "")
	<-done
	return status, body, h
}

// What AWS's Runtime Interface Emulator answers to calls out of order.
func TestCallsOutOfOrderAreRefusedAsAWSDoes(t *testing.T) {
	steps := []struct {
		name, method, path, body string
		invoke                   bool // an event is there first
		status                   int
		kind                     string // errorType
	}{
		{"a response before any event", "POST", "/invocation/x/response", "1", false, 403, "InvalidStateTransition"},
		{"an error before any event", "POST", "/invocation/x/error", "{}", false, 403, "InvalidStateTransition"},
		{"next", "GET", "/invocation/next", "", true, 200, ""},
		{"next again without an answer is the same event", "GET", "/invocation/next", "", false, 200, ""},
		{"an init error after init", "POST", "/init/error", "{}", false, 403, "InvalidStateTransition"},
		{"a response to another event", "POST", "/invocation/other/response", "1", false, 400, "InvalidRequestID"},
		{"an unknown response mode", "POST", "/invocation/e/response", "1", false, 400, "InvalidFunctionResponseMode"},
		{"the response", "POST", "/invocation/e/response", "1", false, 202, ""},
		{"the response again", "POST", "/invocation/e/response", "1", false, 403, "InvalidStateTransition"},
		{"an error after it", "POST", "/invocation/e/error", "{}", false, 403, "InvalidStateTransition"},
		{"next for the second event", "GET", "/invocation/next", "", true, 200, ""},
		{"its error", "POST", "/invocation/e/error", `{"errorType":"X"}`, false, 202, ""},
	}
	r := newRuntime(t, 10*time.Second)
	for _, c := range steps {
		if c.invoke {
			r.invoke(&lambdarunner.Invocation{RequestID: "e", Payload: []byte("{}")})
		}
		var headers []string
		if c.kind == "InvalidFunctionResponseMode" {
			headers = []string{"Lambda-Runtime-Function-Response-Mode", "nonsense"}
		}
		status, body, _ := r.call(c.method, c.path, c.body, headers...)
		var got struct{ ErrorType string }
		json.Unmarshal([]byte(body), &got)
		if status != c.status || got.ErrorType != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.status, c.kind)
		}
	}
}

func TestAnInvocationEndsInEveryWayItCan(t *testing.T) {
	large := strings.Repeat("x", maxPayload+1)
	for _, c := range []struct {
		name    string
		do      func(r *runtime) // after next
		kind    string           // errorType of the result, "" for none
		message string
	}{
		{"an error with its type", func(r *runtime) {
			r.call("POST", "/invocation/e/error", `{"errorType":"Mine","errorMessage":"no"}`)
		}, "Mine", "no"},
		{"an error without a body", func(r *runtime) {
			r.call("POST", "/invocation/e/error", "", "Lambda-Runtime-Function-Error-Type", "Function.Broken")
		}, "Function.Broken", ""},
		{"a response that is too large", func(r *runtime) {
			if status, _, _ := r.call("POST", "/invocation/e/response", large); status != 413 {
				r.t.Error(status)
			}
		}, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."},
		{"an exit", func(r *runtime) { r.api.Exited("exit status 1") }, "Runtime.ExitError", "RequestId: e Error: Runtime exited with error: exit status 1"},
		{"a clean exit", func(r *runtime) { r.api.Exited("") }, "Runtime.ExitError", "RequestId: e Error: Runtime exited without providing a reason"},
		{"no answer in time", func(r *runtime) { <-r.kill }, "Sandbox.Timedout", "RequestId: e Error: Task timed out after 1.00 seconds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRuntime(t, time.Second)
			done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
			r.call("GET", "/invocation/next", "")
			c.do(r)
			result := <-done
			var got struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(result.Payload, &got); err != nil {
				t.Fatalf("%s: %v", result.Payload, err)
			}
			if result.FunctionError != "Unhandled" || got.ErrorType != c.kind || got.ErrorMessage != c.message {
				t.Errorf("%s", result.Payload)
			}
		})
	}
}

func TestAFailedInitIsTheResultOfTheFirstInvocation(t *testing.T) {
	r := newRuntime(t, time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	status, _, _ := r.call("POST", "/init/error", `{"errorType":"Runtime.ImportModuleError","errorMessage":"no"}`)
	if result := <-done; status != 202 || result.FunctionError != "Unhandled" || !bytes.Contains(result.Payload, []byte("ImportModuleError")) {
		t.Errorf("%d %+v", status, result)
	}
	<-r.kill
}

func TestAChunkedResponseIsOneResponse(t *testing.T) {
	r := newRuntime(t, time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	body, w := io.Pipe()
	go func() {
		io.WriteString(w, `{"part":1,`)
		io.WriteString(w, `"rest":2}`)
		w.Close()
	}()
	res, err := http.Post(r.base+"/invocation/e/response", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if result := <-done; string(result.Payload) != `{"part":1,"rest":2}` {
		t.Errorf("%s", result.Payload)
	}
}

func TestACutOffResponseIsAFailure(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(r.base, "http://"), "/2018-06-01/runtime"))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "POST /2018-06-01/runtime/invocation/e/response HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"half\":")
	c.Close()
	if result := <-done; !bytes.Contains(result.Payload, []byte("Runtime.TruncatedResponse")) {
		t.Errorf("%s", result.Payload)
	}
}

// Whatever a runtime sends, the server neither panics nor hangs, and the invocation
// ends when the sandbox does.
func FuzzRuntimeAPI(f *testing.F) {
	for _, s := range []string{
		"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /2018-06-01/runtime/invocation/e/response HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
		"POST /2018-06-01/runtime/invocation/e/error HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nLambda-Runtime-Function-Error-Type: Runtime.X\r\nContent-Length: 0\r\n\r\n",
		"PUT /2022-07-01/telemetry HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: in\r\nContent-Length: 21\r\n\r\n{\"events\":[\"INVOKE\"]}",
		"GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: x\r\nLambda-Extension-Identifier: 11111111-2222-4333-8444-555555555555\r\n\r\n",
		"POST /2020-01-01/extension/exit/error HTTP/1.1\r\nHost: x\r\nLambda-Extension-Identifier: x\r\nContent-Length: 2\r\n\r\n{}",
		"\x00\xff garbage", "POST /2018-06-01/runtime/invocation/%00/response HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := newRuntime(t, time.Minute)
		done := r.invoke(&lambdarunner.Invocation{RequestID: "e", Payload: []byte("{}")})
		c, err := net.Dial("tcp", r.api.Addr())
		if err != nil {
			t.Fatal(err)
		}
		c.Write(raw)
		c.(*net.TCPConn).CloseWrite()
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		io.Copy(io.Discard, c)
		c.Close()
		r.api.Exited("fuzzed")
		if result := <-done; result == nil {
			t.Fatal("no result")
		}
	})
}

func TestAnEventIsLeftForAnotherSandboxIfTheRuntimeHasEndedAfterTheOneBefore(t *testing.T) {
	for _, when := range []string{"before it is handed over", "while it waits"} {
		t.Run(when, func(t *testing.T) {
			r := newRuntime(t, time.Minute)
			first := r.invoke(&lambdarunner.Invocation{RequestID: "first", Payload: []byte("{}")})
			r.call("GET", "/invocation/next", "")
			r.call("POST", "/invocation/first/response", "1")
			<-first
			if when == "before it is handed over" {
				r.api.Exited("exit status 1")
			}
			second := make(chan error, 1)
			go func() {
				_, err := r.api.Invoke(context.Background(), &lambdarunner.Invocation{RequestID: "second", Payload: []byte("{}")})
				second <- err
			}()
			if when == "while it waits" {
				r.api.Exited("exit status 1")
			}
			if err := <-second; err != lambdarunner.ErrGone {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestInitTellsHowTheInitPhaseEnded(t *testing.T) {
	r := newRuntime(t, time.Minute)
	r.call("POST", "/init/error", `{"errorType":"Runtime.X"}`)
	if err := r.api.Init(t.Context()); err == nil || !strings.Contains(err.Error(), "Runtime.X") {
		t.Error(err)
	}
}
