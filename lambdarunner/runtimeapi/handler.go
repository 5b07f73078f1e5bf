package runtimeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// maxPayload is the largest response a function may give: 6 MB and 100 bytes.
const maxPayload = 6291456 + 100

const prefix = "/2018-06-01/runtime"

// routes are the calls of the Runtime API.
func (s *Server) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET "+prefix+"/invocation/next", s.next)
	m.HandleFunc("POST "+prefix+"/invocation/{id}/response", s.response)
	m.HandleFunc("POST "+prefix+"/invocation/{id}/error", s.invocationError)
	m.HandleFunc("POST "+prefix+"/init/error", s.initErrorCall)
	m.HandleFunc("GET /2018-06-01/ping", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "pong") })
	m.HandleFunc("PUT /2022-07-01/telemetry", unsupported("Telemetry API is not supported", "Telemetry.NotSupported"))
	m.HandleFunc("PUT /2020-08-15/logs", unsupported("Logs API is not supported", "Logs.NotSupported"))
	return m
}

// unsupported is what AWS's emulator answers for the telemetry APIs.
func unsupported(message, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusAccepted, kind, message) }
}

// next hands the runtime an event as soon as there is one. It waits without limit.
func (s *Server) next(w http.ResponseWriter, r *http.Request) {
	if !s.enter(w, callNext, idle) {
		return
	}
	s.readyOnce.Do(func() { close(s.ready) })
	select {
	case e := <-s.queue:
		s.mu.Lock()
		s.state, s.current = running, e
		s.mu.Unlock()
		s.hand(w, e)
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// hand writes the event's headers and payload; headers without value are left out.
func (s *Server) hand(w http.ResponseWriter, e *event) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	for name, value := range map[string]string{
		"Lambda-Runtime-Aws-Request-Id":       e.inv.RequestID,
		"Lambda-Runtime-Deadline-Ms":          strconv.FormatInt(e.deadline.UnixMilli(), 10),
		"Lambda-Runtime-Invoked-Function-Arn": e.inv.InvokedARN,
		"Lambda-Runtime-Trace-Id":             e.inv.TraceID,
		"Lambda-Runtime-Client-Context":       e.inv.ClientContext,
	} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(e.inv.Payload))}
	w.Write(e.inv.Payload)
}

func (s *Server) response(w http.ResponseWriter, r *http.Request) {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" && mode != "streaming" {
		refuse(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
		return
	}
	e := s.claim(w, r)
	if e == nil {
		return
	}
	payload, err := readPayload(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxPayload))
		e.finish(failure("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)))
	case err != nil:
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		e.finish(failure("Runtime.TruncatedResponse", "RequestId: "+e.inv.RequestID+" Error: the runtime's response was cut off"))
	default:
		e.finish(ending{payload: payload})
		accept(w)
	}
}

func (s *Server) invocationError(w http.ResponseWriter, r *http.Request) {
	e := s.claim(w, r)
	if e == nil {
		return
	}
	payload, err := readPayload(w, r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		payload = nil
	}
	kind := errorKind(r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Function.Unknown")
	e.finish(ending{payload: errorBody(payload, kind), failed: true, kind: kind})
	if err == nil {
		accept(w)
	}
}

func (s *Server) initErrorCall(w http.ResponseWriter, r *http.Request) {
	payload, err := readPayload(w, r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
		return
	}
	if !s.enter(w, callInitError, failed) {
		return
	}
	kind := errorKind(r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Runtime.Unknown")
	s.failInit(ending{payload: errorBody(payload, kind), failed: true, kind: kind})
	accept(w)
}

// enter moves to a state if the call is allowed where the runtime is, and else
// answers as AWS does.
func (s *Server) enter(w http.ResponseWriter, call string, to state) bool {
	s.mu.Lock()
	from := s.state
	ok := slices.Contains(allowed[call], from)
	if ok {
		s.state = to
	}
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusForbidden, "InvalidStateTransition",
			fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", from, call))
	}
	return ok
}

// claim takes the event that a response or error is for; no other call may answer it.
func (s *Server) claim(w http.ResponseWriter, r *http.Request) *event {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.current
	switch {
	case s.state != running || e == nil:
		refuse(w, http.StatusForbidden, "InvalidStateTransition",
			fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", s.state, answered))
		return nil
	case e.inv.RequestID != r.PathValue("id"):
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return nil
	}
	s.state, s.current = answered, nil
	return e
}

// readPayload reads a body that must be complete and not too large.
func readPayload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, maxPayload)
	if r.ContentLength < 0 || r.ContentLength > maxPayload {
		return io.ReadAll(body)
	}
	payload := make([]byte, r.ContentLength)
	_, err := io.ReadFull(body, payload)
	return payload, err
}

func accept(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, "{\"status\":\"OK\"}\n")
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"errorMessage": message, "errorType": kind})
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

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings always marshal
	}
	return b
}
