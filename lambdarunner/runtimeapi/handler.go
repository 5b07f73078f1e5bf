package runtimeapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxPayload is the largest response a function may give: 6 MB and 100 bytes.
const maxPayload = 6291456 + 100

const prefix = "/2018-06-01/runtime"

// answer performs a runtime's call.
func (s *Server) answer(r *request) reply {
	if rest, ok := strings.CutPrefix(r.path, prefix+"/invocation/"); ok {
		id, call, _ := strings.Cut(rest, "/")
		switch {
		case r.method == "GET" && rest == "next":
			return s.next()
		case r.method == "POST" && call == "response":
			return s.response(r, id)
		case r.method == "POST" && call == "error":
			return s.invocationError(r, id)
		}
	}
	if call, ok := strings.CutPrefix(r.path, extensionPrefix); ok {
		return s.answerExtension(r, call)
	}
	for _, api := range telemetryAPIs() {
		if r.method == "PUT" && strings.TrimSuffix(r.path, "/") == api.path {
			return s.identified(r, func(id string) reply { return s.subscribe(api, r, id) })
		}
	}
	switch r.method + " " + r.path {
	case "POST " + prefix + "/init/error":
		return s.initErrorCall(r)
	case "GET /2018-06-01/ping":
		return reply{status: 200, body: []byte("pong")}
	}
	return refuse(404, "NotFound", "Postern's Runtime API has no "+r.method+" "+r.path)
}

// next hands the runtime an event as soon as there is one. It waits without limit.
// Only the latest next gets an event: a runtime that calls again has given up the
// connection before, which nobody would notice until something is written to it.
func (s *Server) next() reply {
	if e := s.unanswered(); e != nil {
		return hand(e)
	}
	replaced := make(chan struct{})
	if refused, ok := s.enterNext(replaced); !ok {
		return refused
	}
	select {
	case e := <-s.queue:
		s.mu.Lock()
		s.state, s.current, s.waiter = running, e, nil
		s.mu.Unlock()
		return hand(e)
	case <-replaced:
		return refuse(400, "Replaced", "another call waits for the next event")
	case <-s.closing:
		return refuse(400, "Closed", "the sandbox is being ended")
	}
}

// unanswered is the event under way: a runtime that asks again is given it again, as
// AWS's emulator does.
func (s *Server) unanswered() *event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != running {
		return nil
	}
	return s.current
}

// enterNext makes the caller the one who waits for the next event.
func (s *Server) enterNext(replaced chan struct{}) (refused reply, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(allowed[callNext], s.state) {
		return notAllowed(s.state, callNext), false
	}
	if s.waiter != nil {
		close(s.waiter)
	}
	if s.state == starting {
		s.emitInitEnd("success", "")
	}
	s.state, s.waiter, s.ext.closed = idle, replaced, true
	s.advance()
	return reply{}, true
}

// hand is the event's headers and payload; headers without a value are left out.
func hand(e *event) reply {
	h := make([]byte, 0, 512)
	for _, f := range [...]struct{ name, value string }{
		{"Lambda-Runtime-Aws-Request-Id: ", e.inv.RequestID},
		{"Lambda-Runtime-Deadline-Ms: ", strconv.FormatInt(e.deadline.UnixMilli(), 10)},
		{"Lambda-Runtime-Invoked-Function-Arn: ", e.inv.InvokedARN},
		{"Lambda-Runtime-Trace-Id: ", e.inv.TraceID},
		{"Lambda-Runtime-Client-Context: ", e.inv.ClientContext},
	} {
		if f.value != "" {
			h = append(append(append(h, f.name...), oneLine.Replace(f.value)...), "\r\n"...)
		}
	}
	return reply{status: 200, header: h, body: e.inv.Payload}
}

// oneLine keeps a caller's text from ending a header.
var oneLine = strings.NewReplacer("\r", " ", "\n", " ")

func (s *Server) response(r *request, id string) reply {
	if mode := r.header[responseMode]; mode != "" && mode != "streaming" {
		return refuse(400, "InvalidFunctionResponseMode", "Invalid function response mode")
	}
	e, refused := s.claim(id)
	if e != nil && e.inv.Stream != nil && r.unread != nil {
		return s.stream(e, r)
	}
	r.load()
	switch {
	case e == nil:
		return refused
	case errors.Is(r.err, errTooLarge):
		e.finish(failure("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)))
		return refuse(413, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxPayload))
	case r.err != nil:
		e.finish(failure("Runtime.TruncatedResponse", "RequestId: "+id+" Error: the runtime's response was cut off"))
		return truncated()
	case r.trailer[errorTypeTrailer] != "":
		e.finish(failedLate(r.trailer))
		return accepted
	}
	e.finish(ending{payload: r.body})
	return accepted
}

// errorTypeTrailer is how a response whose body failed half-way ends.
const errorTypeTrailer = "lambda-runtime-function-error-type"

// failedLate is a response whose body ended in an error, which trailers tell. What came
// before it is lost: an Invoke that is not streamed returns one or the other.
func failedLate(trailer map[string]string) ending {
	kind := errorKind(trailer[errorTypeTrailer], "Function.Unknown")
	body, err := base64.StdEncoding.DecodeString(trailer["lambda-runtime-function-error-body"])
	if err != nil {
		body = nil
	}
	return ending{payload: errorBody(body, kind), failed: true, kind: kind}
}

func (s *Server) invocationError(r *request, id string) reply {
	e, refused := s.claim(id)
	if e == nil {
		return refused
	}
	kind := errorKind(r.header["lambda-runtime-function-error-type"], "Function.Unknown")
	e.finish(ending{payload: errorBody(r.body, kind), failed: true, kind: kind})
	if r.err != nil {
		return truncated()
	}
	return accepted
}

func (s *Server) initErrorCall(r *request) reply {
	if r.err != nil {
		return truncated()
	}
	if refused, ok := s.enter(callInitError, failed); !ok {
		return refused
	}
	kind := errorKind(r.header["lambda-runtime-function-error-type"], "Runtime.Unknown")
	s.failInit(ending{payload: errorBody(r.body, kind), failed: true, kind: kind})
	return accepted
}

// enter moves to a state if the call is allowed where the runtime is; the reply is
// for one that is not.
func (s *Server) enter(call string, to state) (refused reply, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(allowed[call], s.state) {
		return notAllowed(s.state, call), false
	}
	s.state = to
	return reply{}, true
}

// claim takes the event that a response or error is for; no other call may answer it.
func (s *Server) claim(id string) (e *event, refused reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e = s.current; {
	case s.state != running || e == nil:
		return nil, notAllowed(s.state, string(answered))
	case e.inv.RequestID != id:
		return nil, refuse(400, "InvalidRequestID", "Invalid request ID")
	}
	s.state, s.current, s.ext.unanswered = answered, nil, false
	return e, reply{}
}

var accepted = reply{status: 202, body: []byte("{\"status\":\"OK\"}\n")}

func truncated() reply {
	return refuse(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
}

func notAllowed(from state, call string) reply {
	return refuse(403, "InvalidStateTransition",
		fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", from, call))
}

func refuse(status int, kind, message string) reply {
	return reply{status: status, body: append(mustJSON(map[string]string{"errorMessage": message, "errorType": kind}), '\n')}
}

// knownKind is what AWS keeps of an error type header.
var knownKind = regexp.MustCompile(`^(Runtime|Function)\.[A-Z][a-zA-Z]+$`)

func errorKind(header, unknown string) string {
	if knownKind.MatchString(header) {
		return header
	}
	return unknown
}

// errorBody is the payload of a failed invocation: what the runtime sent, or a body
// that says at least what kind of error it was.
func errorBody(payload []byte, kind string) []byte {
	if len(payload) == 0 {
		return mustJSON(map[string]string{"errorType": kind})
	}
	return payload
}
