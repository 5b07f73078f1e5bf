package runtimeapi

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"postern/lambdarunner"
)

// MaxExtensions is how many extensions a sandbox may have, external and internal ones together.
const MaxExtensions = 10

// ErrTooManyExtensions is why an external extension beyond MaxExtensions is not started.
var ErrTooManyExtensions = errors.New("ErrTooManyExtensions") // the text AWS's emulator has

// The events that extensions register for.
const (
	invokeEvent   = "INVOKE"
	shutdownEvent = "SHUTDOWN"
)

// An extension is told of invocations and of the end: a process beside the runtime, that was
// started before it (external), or a part of the runtime's process (internal).
type extension struct {
	name     string
	id       string // UUID, "" until it registers
	external bool
	state    state
	events   []string      // it registered for
	kind     string        // why it could not be started, in its log line
	waiting  chan reply    // to the call that waits for the next event, nil if none does
	last     *reply        // SHUTDOWN, for one that has not asked yet
	exited   chan struct{} // closed when the process has ended; of an external one
}

func (x *extension) wants(event string) bool { return slices.Contains(x.events, event) }

// tell hands an event over, now or when the extension asks for it.
func (x *extension) tell(event reply) {
	if x.waiting == nil {
		x.last = &event
		return
	}
	x.waiting <- event // has room
	x.waiting, x.state = nil, running
}

// extensions are those of one sandbox. Server.mu guards them.
type extensions struct {
	all        []*extension
	closed     bool          // none may register any more: the runtime has asked for work
	registered chan struct{} // closed when all external ones have registered
	unanswered bool          // the runtime owes the answer to an event that extensions have got, too
	settled    chan struct{} // closed when all have asked for the next event; nil without such an event
	logged     bool          // their states at the end of the init phase
	failure    string        // type of the first error that one reported, "" for none
	reason     string        // of the shutdown, "" for nothing special
	ending     bool          // the shutdown has begun: they may exit
}

func newExtensions(names []string) extensions {
	e := extensions{registered: make(chan struct{})}
	for _, name := range names {
		e.all = append(e.all, &extension{name: name, external: true, state: starting, exited: make(chan struct{})})
	}
	e.checkRegistered()
	return e
}

// find returns the first extension that matches, or nil.
func (e *extensions) find(match func(*extension) bool) *extension {
	if i := slices.IndexFunc(e.all, match); i >= 0 {
		return e.all[i]
	}
	return nil
}

func (e *extensions) named(name string) *extension {
	return e.find(func(x *extension) bool { return x.name == name })
}

func (e *extensions) withID(id string) *extension {
	return e.find(func(x *extension) bool { return x.id == id })
}

func (e *extensions) checkRegistered() {
	select {
	case <-e.registered:
	default:
		if !slices.ContainsFunc(e.all, func(x *extension) bool { return x.id == "" }) {
			close(e.registered)
		}
	}
}

// blame keeps the first reason of the shutdown.
func (e *extensions) blame(reason string) {
	if e.reason == "" {
		e.reason = reason
	}
}

// fail keeps the first error that an extension reported.
func (e *extensions) fail(kind string) {
	if e.failure == "" {
		e.failure = kind
	}
}

// Registered is closed when all external extensions have registered, so that the runtime
// may start.
func (s *Server) Registered() <-chan struct{} { return s.ext.registered }

// ExtensionExited tells that the process of an external extension has ended, and how, as
// Exited does. Before the shutdown it ends the sandbox.
func (s *Server) ExtensionExited(name, how string) {
	s.mu.Lock()
	x, ending := s.ext.named(name), s.ext.ending
	switch {
	case ending && how != "":
		x.state = shutdownFailed
	case ending || x.state != failed && x.state != exitFailed:
		x.state = exited
	}
	s.mu.Unlock()
	close(x.exited)
	if ending {
		return
	}
	if how == "" {
		how = "exit code 0"
	}
	s.end(crash{"Extension.Crash", how})
}

// ExtensionNotLaunched tells that an external extension could not be started.
func (s *Server) ExtensionNotLaunched(name string, why error) {
	s.mu.Lock()
	x := s.ext.named(name)
	x.state, x.kind = unlaunched, launchError(why)
	s.mu.Unlock()
	close(x.exited)
	s.end(crash{"Extension.LaunchError", why.Error()})
}

// launchError is the error's name in the extension's log line.
func launchError(why error) string {
	switch {
	case errors.Is(why, fs.ErrPermission):
		return "PermissionDenied"
	case errors.Is(why, ErrTooManyExtensions):
		return "TooManyExtensions"
	}
	return "UnknownError"
}

// advance tells those who wait for it that runtime and extensions have all asked for the next
// event: the init phase is over, or an invocation. s.mu is held.
func (s *Server) advance() {
	if s.state != idle || s.ext.unanswered {
		return
	}
	for _, x := range s.ext.all {
		if x.state != idle {
			return
		}
	}
	s.readyOnce.Do(func() {
		s.emitInitReport("success", "")
		s.telemetry.close()
		s.readyAt = s.o.Now()
		close(s.ready)
	})
	if s.ext.settled != nil {
		close(s.ext.settled)
		s.ext.settled = nil
	}
}

// logExtensions writes what became of the extensions in the init phase, once.
func (s *Server) logExtensions() {
	s.mu.Lock()
	var all []extension
	if !s.ext.logged {
		for _, x := range s.ext.all {
			all = append(all, extension{name: x.name, state: x.state, events: x.events, kind: x.kind})
		}
	}
	s.ext.logged = true
	s.mu.Unlock()
	for _, x := range all {
		s.say("%s", x.line())
		level := lambdarunner.LevelInfo
		if x.kind != "" {
			level = lambdarunner.LevelWarn
		}
		s.emit(level, "platform.extension", struct {
			Name      string   `json:"name"`
			State     state    `json:"state"`
			Events    []string `json:"events"`
			ErrorType string   `json:"errorType,omitempty"`
		}{x.name, x.state, append([]string{}, x.events...), x.kind})
	}
}

func (x *extension) line() string {
	line := "EXTENSION\tName: " + x.name + "\tState: " + string(x.state) + "\tEvents: [" + strings.Join(x.events, ",") + "]"
	if x.kind != "" {
		line += "\tError Type: " + x.kind
	}
	return line + "\n"
}
