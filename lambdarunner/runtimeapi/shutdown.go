package runtimeapi

import (
	"time"

	"postern/lambdarunner"
)

// Limits of the shutdown phase (Lambda developer guide, "Extensions API", read 2026-11). Without
// extensions there is no such phase.
const (
	shutdownLimit        = 2000 * time.Millisecond // of all, with an external extension
	runtimeLimit         = 300 * time.Millisecond  // of the runtime
	runtimeLimitInternal = 500 * time.Millisecond  // of a runtime with an extension inside
	flushLimit           = 500 * time.Millisecond  // of telemetry before the SHUTDOWN event; ours
)

// Shutdown is the shutdown phase of a sandbox with extensions, at once over for one without: the
// runtime is stopped, then external extensions get the SHUTDOWN event, and it returns when they
// have exited or their time is over. Those that did not register for it are killed at once.
//
// stop ends the runtime within a time, as it is asked to or killed; kill ends an external extension.
func (s *Server) Shutdown(stop func(within time.Duration), kill func(extension string)) {
	external, internal := s.beginShutdown()
	if !external && !internal {
		return
	}
	start := s.o.Now()
	over := time.NewTimer(shutdownLimit)
	defer over.Stop()
	if internal {
		stop(runtimeLimitInternal)
	} else {
		stop(runtimeLimit)
	}
	s.telemetry.flush(flushLimit)
	told, untold := s.tellShutdown(start.Add(shutdownLimit))
	for _, name := range untold {
		kill(name)
	}
	for _, x := range told {
		select {
		case <-x.exited:
		case <-over.C:
			return
		}
	}
}

// beginShutdown lets processes exit from now on, and tells what kinds of extensions there are.
func (s *Server) beginShutdown() (external, internal bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ext.ending = true
	s.ext.blame("spindown")
	for _, x := range s.ext.all {
		external, internal = external || x.external, internal || !x.external
	}
	return external, internal
}

// tellShutdown returns the extensions that will exit by themselves, and the names of those that
// will not.
func (s *Server) tellShutdown(deadline time.Time) (told []*extension, untold []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	event := reply{status: 200, body: mustJSON(struct {
		EventType      string `json:"eventType"`
		ShutdownReason string `json:"shutdownReason"`
		DeadlineMs     int64  `json:"deadlineMs"`
	}{shutdownEvent, s.ext.reason, deadline.UnixMilli()})}
	for _, x := range s.ext.all {
		switch {
		case !x.external || x.state == exited || x.state == unlaunched:
		case x.wants(shutdownEvent):
			x.tell(event)
			told = append(told, x)
		default:
			untold = append(untold, x.name)
		}
	}
	return told, untold
}

// tellInvoke hands the extensions that registered for it the event that the runtime gets.
func (s *Server) tellInvoke(e *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.ext.all {
		if x.wants(invokeEvent) {
			s.ext.unanswered = true
			x.tell(s.invokeReply(e.inv, e.deadline))
		}
	}
	if s.ext.unanswered {
		s.ext.settled = make(chan struct{})
		e.settled = s.ext.settled
	}
}

func (s *Server) invokeReply(inv *lambdarunner.Invocation, deadline time.Time) reply {
	return reply{
		status: 200,
		header: []byte("Lambda-Extension-Event-Identifier: " + s.o.NewID() + "\r\n"),
		body: mustJSON(struct {
			EventType  string  `json:"eventType"`
			DeadlineMs int64   `json:"deadlineMs"`
			RequestID  string  `json:"requestId"`
			InvokedARN string  `json:"invokedFunctionArn"`
			Tracing    tracing `json:"tracing"`
		}{invokeEvent, deadline.UnixMilli(), inv.RequestID, inv.InvokedARN, tracing{"X-Amzn-Trace-Id", inv.TraceID}}),
	}
}
