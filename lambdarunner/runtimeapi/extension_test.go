package runtimeapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// extend makes one call of an extension and returns status, body and headers. It may be called on
// any goroutine.
func (r *runtime) extend(method, path, body string, headers ...string) (int, string, http.Header) {
	req, err := http.NewRequest(method, "http://"+r.api.Addr()+path, strings.NewReader(body))
	if err != nil {
		r.t.Error(err)
		return 0, "", nil
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return res.StatusCode, string(b), res.Header
}

// register registers an extension and returns its identifier.
func (r *runtime) register(name string, events ...string) string {
	r.t.Helper()
	body, _ := json.Marshal(map[string]any{"events": events})
	status, text, h := r.extend("POST", "/2020-01-01/extension/register", string(body), "Lambda-Extension-Name", name)
	if status != 200 {
		r.t.Fatal(status, text)
	}
	return h.Get("Lambda-Extension-Identifier")
}

// nextOf asks for an extension's next event in the background.
func (r *runtime) nextOf(id string) <-chan string {
	got := make(chan string, 1)
	go func() {
		_, body, _ := r.extend("GET", "/2020-01-01/extension/event/next", "", "Lambda-Extension-Identifier", id)
		got <- body
	}()
	return got
}

const strangeID = "11111111-2222-4333-8444-555555555555"

// What AWS's Runtime Interface Emulator answers to calls that it refuses: its handlers
// agentregister.go, agentnext.go, agentiniterror.go, agentexiterror.go and its middleware, read 2026-11.
func TestCallsOfExtensionsAreRefusedAsAWSDoes(t *testing.T) {
	const transition = "State transition from %s to %s failed for extension %s. Error: State transition is not allowed"
	r := newRuntime(t, time.Second, "out", "other")
	id := ""
	for _, c := range []struct {
		name, call, body string
		headers          []string // "ID" stands for the identifier
		kind, message    string   // "ID" stands for the identifier; kind "" is for what is accepted
	}{
		{"register without a name", "POST register", `{}`, nil, "Extension.InvalidExtensionName", "Empty extension name"},
		{"register with no JSON", "POST register", `nonsense`, []string{"Name", "out"}, "InvalidRequestFormat", "invalid character 'o' in literal null (expecting 'u')"},
		{"register with configuration keys", "POST register", `{"configurationKeys":["a"]}`, []string{"Name", "out"}, "InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead"},
		{"register for an unknown event", "POST register", `{"events":["INVOKE","BREAKFAST"]}`, []string{"Name", "out"}, "Extension.InvalidEventType", "BREAKFAST: ErrorInvalidEventType"},
		{"register the inside for SHUTDOWN", "POST register", `{"events":["SHUTDOWN"]}`, []string{"Name", "in"}, "Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"},
		{"next without an identifier", "GET event/next", "", nil, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"},
		{"next with no identifier", "GET event/next", "", []string{"Identifier", "x"}, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"},
		{"next of a stranger", "GET event/next", "", []string{"Identifier", strangeID}, "Extension.UnknownExtensionIdentifier", "Unknown extension " + strangeID},
		{"an init error without a type", "POST init/error", "{}", []string{"Identifier", strangeID}, "Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found"},
		{"an init error of a stranger", "POST init/error", "{}", []string{"Identifier", strangeID, "Function-Error-Type", "A.B"}, "Extension.UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier"},
		{"an exit error of a stranger", "POST exit/error", "{}", []string{"Identifier", strangeID, "Function-Error-Type", "A.B"}, "Extension.UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier"},
		{"register", "POST register", `{"events":["INVOKE","SHUTDOWN"]}`, []string{"Name", "out"}, "", ""},
		{"register again", "POST register", `{}`, []string{"Name", "out"}, "Extension.InvalidExtensionState", fmt.Sprintf(transition, "Registered", "Registered", "out")},
		{"an init error", "POST init/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "", ""},
		{"an init error again", "POST init/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "", ""},
		{"next after an init error", "GET event/next", "", []string{"Identifier", "ID"}, "Extension.InvalidExtensionState", fmt.Sprintf(transition, "InitError", "Ready", "ID")},
		{"an exit error after an init error", "POST exit/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "Extension.InvalidExtensionState", fmt.Sprintf(transition, "InitError", "Exited", "ID")},
		{"register the other", "POST register", `{}`, []string{"Name", "other"}, "", ""},
		{"an exit error", "POST exit/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "", ""},
		{"an exit error again", "POST exit/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "", ""},
		{"an init error after an exit error", "POST init/error", "{}", []string{"Identifier", "ID", "Function-Error-Type", "A.B"}, "Extension.InvalidExtensionState", fmt.Sprintf(transition, "ExitError", "InitError", "ID")},
		{"next after an exit error", "GET event/next", "", []string{"Identifier", "ID"}, "Extension.InvalidExtensionState", fmt.Sprintf(transition, "ExitError", "Ready", "ID")},
		{"register the inside", "POST register", `{"events":["INVOKE"]}`, []string{"Name", "in"}, "", ""},
		{"register the inside again", "POST register", `{}`, []string{"Name", "in"}, "Extension.InvalidExtensionState", "Extension with this name already registered"},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		var headers []string
		for i := 0; i < len(c.headers); i += 2 {
			headers = append(headers, "Lambda-Extension-"+c.headers[i], strings.Replace(c.headers[i+1], "ID", id, 1))
		}
		status, body, h := r.extend(method, extensionPrefix+path, c.body, headers...)
		var got struct{ ErrorType, ErrorMessage string }
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %d %s", c.name, status, body)
		}
		if (status == 403) != (c.kind != "") || got.ErrorType != c.kind || got.ErrorMessage != strings.Replace(c.message, "ID", id, 1) {
			t.Errorf("%s: %d %s, want %s: %s", c.name, status, body, c.kind, c.message)
		}
		if given := h.Get("Lambda-Extension-Identifier"); given != "" {
			id = given
		}
	}
}

func TestOnlyTenExtensionsAndOnlyBeforeTheRuntimeAsks(t *testing.T) {
	r := newRuntime(t, time.Second, "out")
	out := r.nextOf(r.register("out"))
	for i := range 9 {
		r.nextOf(r.register(fmt.Sprint("in", i)))
	}
	refused := func(want string) {
		t.Helper()
		if _, body, _ := r.extend("POST", extensionPrefix+"register", `{}`, "Lambda-Extension-Name", "late"); !strings.Contains(body, want) {
			t.Errorf("%s, want %s", body, want)
		}
	}
	refused(`"errorMessage":"Extension limit (10) reached","errorType":"Extension.TooManyExtensions"`)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	refused(`"errorMessage":"Extension registration closed already","errorType":"Extension.RegistrationClosed"`)
	r.call("POST", "/invocation/e/response", "1")
	if result := <-done; result.Busy != nil {
		t.Error("nobody is busy, since none of them registered for INVOKE")
	}
	select {
	case body := <-out:
		t.Errorf("an event that it did not register for: %s", body)
	default:
	}
}

// The init phase ends when runtime and extensions have asked for an event, an invocation when
// they have asked for the next.
func TestInvocationsWaitForExtensions(t *testing.T) {
	r := newRuntime(t, time.Minute, "out")
	select {
	case <-r.api.Registered():
		t.Fatal("the runtime may start before its extension")
	default:
	}
	id := r.register("out", "INVOKE")
	<-r.api.Registered()
	inside := r.register("in", "INVOKE")
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e1"})
	event := make(chan string, 1)
	go func() {
		_, body, _ := r.extend("GET", prefix+"/invocation/next", "")
		event <- body
	}()
	first := r.nextOf(id)
	select {
	case <-r.api.Ready():
		t.Error("it is ready without the extension inside")
	case <-event:
		t.Error("the runtime has an event without the extension inside")
	default:
	}
	second := r.nextOf(inside)
	<-event
	for _, got := range []string{<-first, <-second} {
		if !strings.Contains(got, `"eventType":"INVOKE"`) || !strings.Contains(got, `"requestId":"e1"`) {
			t.Error(got)
		}
	}
	r.call("POST", "/invocation/e1/response", "1")
	result := <-done
	if string(result.Payload) != "1" || result.Busy == nil {
		t.Fatalf("%+v", result)
	}
	r.nextOf(inside)
	r.nextOf(id)
	select {
	case <-result.Busy:
		t.Error("the runtime has not asked for the next event")
	default:
	}
	again := r.invoke(&lambdarunner.Invocation{RequestID: "e2"})
	r.call("GET", "/invocation/next", "")
	if <-result.Busy {
		t.Error("the sandbox is still of use")
	}
	r.call("POST", "/invocation/e2/response", "2")
	if result := <-again; string(result.Payload) != "2" {
		t.Errorf("%s", result.Payload)
	}
}

// An extension that asks again at once has not ended the invocation for the runtime.
func TestAQuickExtensionDoesNotEndTheInvocation(t *testing.T) {
	r := newRuntime(t, time.Minute, "out")
	id := r.register("out", "INVOKE")
	waiting := r.nextOf(id)
	done := r.invoke(&lambdarunner.Invocation{RequestID: "e", Tail: true})
	r.call("GET", "/invocation/next", "")
	<-waiting
	r.nextOf(id)
	r.call("POST", "/invocation/e/response", "1")
	select {
	case <-done:
		t.Error("the runtime has not asked for the next event")
	case <-time.After(20 * time.Millisecond): // nothing to wait for: nothing happens
	}
	go r.extend("GET", prefix+"/invocation/next", "")
	if result := <-done; string(result.Payload) != "1" || result.Busy != nil || !strings.Contains(string(result.LogTail), "REPORT") {
		t.Errorf("%+v", result)
	}
}

// What is told of the end, to whom, and how long it takes.
func TestShutdown(t *testing.T) {
	r := newRuntime(t, time.Minute, "told", "late", "untold", "gone")
	told, late := r.register("told", "SHUTDOWN"), r.register("late", "SHUTDOWN")
	r.register("untold", "INVOKE")
	r.register("gone", "SHUTDOWN")
	waiting := r.nextOf(told)
	r.api.ExtensionExited("gone", "exit status 1")
	<-r.api.Gone()
	stopped := make(chan time.Duration, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.api.Shutdown(func(within time.Duration) { stopped <- within }, func(extension string) {
			if extension != "untold" {
				t.Errorf("%s is killed", extension)
			}
		})
	}()
	if within := <-stopped; within != 300*time.Millisecond {
		t.Errorf("the runtime may take %s", within)
	}
	for _, got := range []string{<-waiting, <-r.nextOf(late)} {
		if !strings.HasPrefix(got, `{"eventType":"SHUTDOWN","shutdownReason":"failure","deadlineMs":`) {
			t.Error(got)
		}
	}
	r.api.ExtensionExited("told", "")
	select {
	case <-over:
		t.Error("the shutdown is over before the last extension")
	default:
	}
	r.api.ExtensionExited("late", "signal: killed")
	<-over
}

func TestTheRuntimeOfAnInternalExtensionHasMoreTime(t *testing.T) {
	r := newRuntime(t, time.Minute)
	r.api.Shutdown(func(time.Duration) { t.Error("a runtime without extensions is not asked to stop") }, nil)
	r.register("in")
	var got time.Duration
	r.api.Shutdown(func(within time.Duration) { got = within }, nil)
	if got != 500*time.Millisecond {
		t.Error(got)
	}
}
