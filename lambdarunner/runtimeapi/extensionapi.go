package runtimeapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

const extensionPrefix = "/2020-01-01/extension/"

// answerExtension performs an extension's call. Texts and types of what is refused are those of
// AWS's emulator.
func (s *Server) answerExtension(r *request, call string) reply {
	switch r.method + " " + call {
	case "POST register":
		return s.register(r)
	case "GET event/next":
		return s.identified(r, s.nextOfExtension)
	case "POST init/error":
		return s.identified(r, func(id string) reply { return s.extensionError(r, id, callInitError, failed, "Extension.InitError") })
	case "POST exit/error":
		return s.identified(r, func(id string) reply {
			return s.extensionError(r, id, callExitError, exitFailed, "Extension.ExitError")
		})
	}
	return refuse(404, "NotFound", "Postern's Extensions API has no "+r.method+" "+r.path)
}

const (
	identifierHeader = "Lambda-Extension-Identifier"
	errorTypeHeader  = "Lambda-Extension-Function-Error-Type"
)

// identified performs a call in the name of a registered extension.
func (s *Server) identified(r *request, call func(id string) reply) reply {
	text := r.header["lambda-extension-identifier"]
	if text == "" {
		return refuse(403, "Extension.MissingExtensionIdentifier", "Missing "+identifierHeader+" header")
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return refuse(403, "Extension.InvalidExtensionIdentifier", "Invalid "+identifierHeader)
	}
	return call(id.String())
}

// register takes an extension in: the external one of that name, or a new internal one.
func (s *Server) register(r *request) reply {
	name := r.header["lambda-extension-name"]
	if name == "" {
		return refuse(403, "Extension.InvalidExtensionName", "Empty extension name")
	}
	var in struct{ Events, ConfigurationKeys []string }
	if err := json.Unmarshal(r.body, &in); err != nil {
		return refuse(403, "InvalidRequestFormat", err.Error())
	}
	if len(in.ConfigurationKeys) > 0 {
		return refuse(403, "InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.ext.named(name)
	if refused, ok := s.checkEvents(in.Events, x != nil && x.external); !ok {
		return refused
	}
	if x == nil || !x.external {
		if refused, ok := s.admit(x); !ok {
			return refused
		}
		x = &extension{name: name, state: starting}
		s.ext.all = append(s.ext.all, x)
	}
	if !slices.Contains(allowedOfExtension[callRegister], x.state) {
		return notAllowedTo(x.state, callRegister, name)
	}
	x.id, x.state, x.events = s.o.NewID(), registered, in.Events
	s.ext.checkRegistered()
	return s.registration(x, r)
}

// checkEvents refuses events that an extension cannot have.
func (s *Server) checkEvents(events []string, external bool) (refused reply, ok bool) {
	for _, event := range events {
		switch {
		case event == invokeEvent, event == shutdownEvent && external:
		case event == shutdownEvent:
			return refuse(403, "Extension.InvalidEventType", event+": ShutdownEventNotSupportedForInternalExtension"), false
		default:
			return refuse(403, "Extension.InvalidEventType", event+": ErrorInvalidEventType"), false
		}
	}
	return reply{}, true
}

// admit says whether a new internal extension may register; another is one of its name.
func (s *Server) admit(another *extension) (refused reply, ok bool) {
	switch {
	case s.ext.closed:
		return refuse(403, "Extension.RegistrationClosed", "Extension registration closed already"), false
	case len(s.ext.all) >= MaxExtensions:
		return refuse(403, "Extension.TooManyExtensions", fmt.Sprintf("Extension limit (%d) reached", MaxExtensions)), false
	case another != nil:
		return refuse(403, "Extension.InvalidExtensionState", "Extension with this name already registered"), false
	}
	return reply{}, true
}

// registration is the answer to a new extension, with the account if it accepts that.
func (s *Server) registration(x *extension, r *request) reply {
	fn := s.o.Function
	out := struct {
		FunctionName    string `json:"functionName"`
		FunctionVersion string `json:"functionVersion"`
		Handler         string `json:"handler"`
		AccountID       string `json:"accountId,omitempty"`
	}{FunctionName: fn.Name, FunctionVersion: fn.Version, Handler: fn.Handler}
	for feature := range strings.SplitSeq(r.header["lambda-extension-accept-feature"], ",") {
		if strings.TrimSpace(feature) == "accountId" {
			out.AccountID = fn.AccountID
		}
	}
	return reply{status: 200, header: []byte(identifierHeader + ": " + x.id + "\r\n"), body: mustJSON(out)}
}

// nextOfExtension waits for an event without limit.
func (s *Server) nextOfExtension(id string) reply {
	s.mu.Lock()
	x := s.ext.withID(id)
	if x == nil {
		s.mu.Unlock()
		return refuse(403, "Extension.UnknownExtensionIdentifier", "Unknown extension "+id)
	}
	if !slices.Contains(allowedOfExtension[callNext], x.state) {
		defer s.mu.Unlock()
		return notAllowedTo(x.state, callNext, id)
	}
	waiting := make(chan reply, 1)
	x.state, x.waiting = idle, waiting
	if x.last != nil {
		event := *x.last
		x.last = nil
		x.tell(event)
	}
	s.advance()
	s.mu.Unlock()
	select {
	case event := <-waiting:
		return event
	case <-s.closing:
		return refuse(400, "Closed", "the sandbox is being ended")
	}
}

// extensionError takes the error with which an extension is about to exit. The sandbox ends
// when it does.
func (s *Server) extensionError(r *request, id, call string, to state, kind string) reply {
	if r.header[strings.ToLower(errorTypeHeader)] == "" {
		return refuse(403, "Extension.MissingHeader", errorTypeHeader+" not found")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.ext.withID(id)
	if x == nil {
		return refuse(403, "Extension.UnknownExtensionIdentifier", "Unknown "+identifierHeader)
	}
	if !slices.Contains(allowedOfExtension[call], x.state) {
		return notAllowedTo(x.state, call, id)
	}
	if x.state != to {
		x.kind = r.header[strings.ToLower(errorTypeHeader)]
	}
	x.state = to
	s.ext.fail(kind)
	return accepted
}

func notAllowedTo(from state, call, extension string) reply {
	return refuse(403, "Extension.InvalidExtensionState",
		fmt.Sprintf("State transition from %s to %s failed for extension %s. Error: State transition is not allowed", from, call, extension))
}
