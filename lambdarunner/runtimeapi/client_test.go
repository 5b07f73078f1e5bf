package runtimeapi

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// dial is a connection of a runtime that speaks for itself.
func (r *runtime) dial() (net.Conn, *bufio.Reader) {
	r.t.Helper()
	c, err := net.Dial("tcp", r.api.Addr())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	return c, bufio.NewReader(c)
}

// answer reads one answer and returns its status.
func (r *runtime) answer(from *bufio.Reader) int {
	r.t.Helper()
	res, err := http.ReadResponse(from, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode
}

const nextCall = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"

// A client that gives up on next and calls again leaves a connection behind that
// looks alive until something is written to it.
func TestTheLatestNextGetsTheEvent(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	old, oldAnswers := r.dial()
	io.WriteString(old, nextCall)
	<-r.api.Ready()
	late, lateAnswers := r.dial()
	io.WriteString(late, nextCall)
	if status := r.answer(oldAnswers); status != 400 {
		t.Errorf("the earlier next: %d", status)
	}
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e", Payload: []byte("{}")})
	if status := r.answer(lateAnswers); status != 200 {
		t.Errorf("the later next: %d", status)
	}
	r.call("POST", "/invocation/e/response", "1")
	if result := <-done; string(result.Payload) != "1" {
		t.Errorf("%s", result.Payload)
	}
}

func TestAnErrorInTrailersFailsTheInvocation(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	c, answers := r.dial()
	io.WriteString(c, "POST /2018-06-01/runtime/invocation/e/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"+
		"Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n4\r\nhalf\r\n0\r\n"+
		"Lambda-Runtime-Function-Error-Type: Function.Broken\r\nLambda-Runtime-Function-Error-Body: eyJlcnJvclR5cGUiOiJCcm9rZW4ifQ==\r\n\r\n")
	if status := r.answer(answers); status != 202 {
		t.Error(status)
	}
	if result := <-done; result.FunctionError != "Unhandled" || string(result.Payload) != `{"errorType":"Broken"}` {
		t.Errorf("%q %s", result.FunctionError, result.Payload)
	}
}

// aws-lambda-go sends the text of an error in this header too, up to 1 MB.
func TestALongErrorCauseIsTaken(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	status, body, _ := r.call("POST", "/invocation/e/error", `{"errorType":"X"}`, "Lambda-Runtime-Function-Xray-Error-Cause", strings.Repeat("x", 1<<20-1))
	if status != 202 {
		t.Error(status, body)
	}
	if result := <-done; string(result.Payload) != `{"errorType":"X"}` {
		t.Errorf("%s", result.Payload)
	}
}

func TestReportEndsInOneTab(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	for _, want := range []string{"\tMax Memory Used: 0 MB\tInit Duration: ", "\tMax Memory Used: 0 MB\t\n"} {
		done := r.invoke(&lambdarunner.Invocation{RequestID: "e", Tail: true})
		r.call("GET", "/invocation/next", "")
		r.call("POST", "/invocation/e/response", "1")
		if tail := string((<-done).LogTail); !strings.Contains(tail, want) || strings.Contains(tail, "\t\t") || !strings.HasSuffix(tail, "\t\n") {
			t.Errorf("%q, want %q in it", tail, want)
		}
	}
}

func TestWhatNeverStartedIsAnInvalidEntrypoint(t *testing.T) {
	r := newRuntime(t, 5*time.Second)
	r.api.NeverStarted("fork/exec /x: no such file or directory")
	result := <-r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	const want = `{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: e Error: fork/exec /x: no such file or directory"}`
	if string(result.Payload) != want || !result.Ended {
		t.Errorf("%s", result.Payload)
	}
}

// A sink remembers what a function streams.
type sink struct {
	contentType string
	begun       chan struct{}
	pieces      chan string
}

func newSink() *sink { return &sink{begun: make(chan struct{}), pieces: make(chan string, 100)} }

func (s *sink) Begin(contentType string) { s.contentType = contentType; close(s.begun) }

func (s *sink) Write(b []byte) (int, error) { s.pieces <- string(b); return len(b), nil }

const streamedHead = "POST /2018-06-01/runtime/invocation/id/response HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\n" +
	"Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\r\n"

func TestAStreamedResponseComesInPieces(t *testing.T) {
	r := newRuntime(t, time.Second)
	to := newSink()
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id", Payload: []byte("{}"), Stream: to})
	r.call("GET", "/invocation/next", "")
	c, answers := r.dial()
	io.WriteString(c, streamedHead)
	<-to.begun
	for _, piece := range []string{"one", "two"} {
		io.WriteString(c, "3\r\n"+piece+"\r\n")
		if got := <-to.pieces; got != piece {
			t.Errorf("got %q before the next was sent, want %q", got, piece)
		}
	}
	io.WriteString(c, "0\r\n\r\n")
	if status := r.answer(answers); status != 202 {
		t.Errorf("answered %d", status)
	}
	if res := <-done; !res.Streamed || res.FunctionError != "" || len(res.Payload) != 0 || to.contentType != "text/x" {
		t.Errorf("%+v, %s", res, to.contentType)
	}
}

func TestAStreamThatFailsLateTellsItsError(t *testing.T) {
	r := newRuntime(t, time.Second)
	to := newSink()
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id", Payload: []byte("{}"), Stream: to})
	r.call("GET", "/invocation/next", "")
	c, answers := r.dial()
	io.WriteString(c, streamedHead+"3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Oops\r\nLambda-Runtime-Function-Error-Body: e30=\r\n\r\n")
	if status := r.answer(answers); status != 202 {
		t.Errorf("answered %d", status)
	}
	if res := <-done; !res.Streamed || res.FunctionError != "Unhandled" || string(res.Payload) != "{}" {
		t.Errorf("%+v %s", res, res.Payload)
	}
}

func TestAStreamThatIsCutOffFails(t *testing.T) {
	r := newRuntime(t, time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id", Payload: []byte("{}"), Stream: newSink()})
	r.call("GET", "/invocation/next", "")
	c, _ := r.dial()
	io.WriteString(c, streamedHead+"3\r\non")
	c.Close()
	if res := <-done; res.FunctionError != "Unhandled" || !strings.Contains(string(res.Payload), "cut off") {
		t.Errorf("%+v %s", res, res.Payload)
	}
}

func TestWhoDoesNotStreamGetsAStreamedResponseWhole(t *testing.T) {
	r := newRuntime(t, time.Second)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "id", Payload: []byte("{}")})
	r.call("GET", "/invocation/next", "")
	c, answers := r.dial()
	io.WriteString(c, streamedHead+"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
	if status := r.answer(answers); status != 202 {
		t.Errorf("answered %d", status)
	}
	if res := <-done; res.Streamed || string(res.Payload) != "onetwo" {
		t.Errorf("%+v %s", res, res.Payload)
	}
}

func TestAStreamForAnotherInvocationIsRefused(t *testing.T) {
	r := newRuntime(t, time.Second)
	to := newSink()
	r.invoke(&lambdarunner.Invocation{RequestID: "other", Payload: []byte("{}"), Stream: to})
	r.call("GET", "/invocation/next", "")
	c, answers := r.dial()
	io.WriteString(c, streamedHead+"3\r\none\r\n0\r\n\r\n")
	if status := r.answer(answers); status != 400 {
		t.Errorf("answered %d", status)
	}
	if status, _, _ := r.call("POST", "/invocation/other/response", "{}"); status != 202 {
		t.Errorf("the right one: %d", status)
	}
}
