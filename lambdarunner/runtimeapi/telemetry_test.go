package runtimeapi

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/lambdarunner"
)

// A listener is what an extension listens to telemetry with.
type listener struct {
	t       *testing.T
	port    string
	records chan map[string]any
	hold    chan struct{} // closed or nil when requests are answered at once
	asked   chan string   // method and path of the requests
	answers chan int      // statuses before all are 200
}

func newListener(t *testing.T) *listener {
	l := &listener{t: t, records: make(chan map[string]any, 50_000), asked: make(chan string, 1000), answers: make(chan int, 10)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sandbox ended
		}
		l.asked <- r.Method + " " + r.Host + r.URL.Path
		select {
		case status := <-l.answers:
			w.WriteHeader(status)
			return
		default:
		}
		if l.hold != nil {
			<-l.hold
		}
		var batch []map[string]any
		if err := json.Unmarshal(body, &batch); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		for _, record := range batch {
			l.records <- record
		}
	}))
	t.Cleanup(server.Close)
	_, l.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return l
}

// until collects records until there is one of a type.
func (l *listener) until(kind string) (all []map[string]any) {
	l.t.Helper()
	for {
		select {
		case r := <-l.records:
			if all = append(all, r); r["type"] == kind {
				return all
			}
		case <-time.After(20 * time.Second):
			l.t.Fatalf("no %s among %v", kind, all)
		}
	}
}

// kinds are the types of records, in order.
func kinds(records []map[string]any) (all []string) {
	for _, r := range records {
		all = append(all, r["type"].(string))
	}
	return all
}

func (r *runtime) subscribe(api, id, body string) (int, string) {
	status, text, _ := r.extend("PUT", api, body, "Lambda-Extension-Identifier", id)
	return status, text
}

const telemetryPath, logsPath = "/2022-07-01/telemetry", "/2020-08-15/logs"

func subscriptionTo(port, more string) string {
	return `{"schemaVersion":"2022-07-01","types":["platform","function","extension"],"buffering":{"timeoutMs":25},` +
		`"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:` + port + `/in/here"}` + more + `}`
}

// Sources: Lambda developer guide, "Telemetry API reference" and "Logs API"; the texts of AWS are those
// for a missing port and missing types.
func TestSubscriptionsAreChecked(t *testing.T) {
	const good = `"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:1"}`
	r := newRuntime(t, time.Second, "out")
	id := r.register("out")
	for _, c := range []struct{ name, api, body, kind, message string }{
		{"no port, no types", telemetryPath, `{"schemaVersion":"2022-07-01","types":[],"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain"}}`, "ValidationError", "URI port is not provided; types should not be empty"},
		{"the same of the Logs API", logsPath, `{"types":[],"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain"}}`, "Logs.ValidationError", "URI port is not provided; types should not be empty"},
		{"no schema", telemetryPath, `{"types":["platform"],` + good + `}`, "ValidationError", `schemaVersion "" is not supported`},
		{"a schema of the Logs API", telemetryPath, `{"schemaVersion":"2021-03-18","types":["platform"],` + good + `}`, "ValidationError", `schemaVersion "2021-03-18" is not supported`},
		{"another type", telemetryPath, `{"schemaVersion":"2022-07-01","types":["weather"],` + good + `}`, "ValidationError", `type "weather" is not supported`},
		{"too few items", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"buffering":{"maxItems":999},` + good + `}`, "ValidationError", "buffering.maxItems should be between 1000 and 10000"},
		{"too many bytes", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"buffering":{"maxBytes":1048577},` + good + `}`, "ValidationError", "buffering.maxBytes should be between 262144 and 1048576"},
		{"too short", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"buffering":{"timeoutMs":24},` + good + `}`, "ValidationError", "buffering.timeoutMs should be between 25 and 30000"},
		{"elsewhere", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"destination":{"protocol":"HTTP","URI":"http://169.254.169.254:80/"}}`, "ValidationError", "URI host should be sandbox.localdomain"},
		{"HTTPS", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"destination":{"protocol":"HTTP","URI":"https://sandbox.localdomain:1"}}`, "ValidationError", "URI scheme should be http"},
		{"UDP", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"destination":{"protocol":"UDP","URI":"udp://sandbox.localdomain:1"}}`, "ValidationError", "protocol should be HTTP or TCP"},
		{"the Runtime API's port", telemetryPath, `{"schemaVersion":"2022-07-01","types":["platform"],"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:9001"}}`, "ValidationError", "URI port 9001 is reserved"},
		{"no JSON", telemetryPath, `{`, "ValidationError", "unexpected end of JSON input"},
	} {
		status, text := r.subscribe(c.api, id, c.body)
		var got struct{ ErrorType, ErrorMessage string }
		json.Unmarshal([]byte(text), &got)
		if status != 400 || got.ErrorType != c.kind || got.ErrorMessage != c.message {
			t.Errorf("%s: %d %s, want %s: %s", c.name, status, text, c.kind, c.message)
		}
	}
	if status, text := r.subscribe(telemetryPath, strangeID, `{}`); status != 403 || !strings.Contains(text, "Extension.UnknownExtensionIdentifier") {
		t.Error(status, text)
	}
	if status, text := r.subscribe(telemetryPath+"/", id, subscriptionTo("1", "")); status != 200 || text != `"OK"` {
		t.Error(status, text)
	}
	if status, text := r.subscribe(logsPath, id, `{"types":["platform"],`+good+`}`); status != 400 || !strings.Contains(text, "Logs.ValidationError") {
		t.Error(status, text)
	}
	r.nextOf(id)
	r.invoke(&lambdarunner.Invocation{RequestID: "e"})
	r.call("GET", "/invocation/next", "")
	if status, text := r.subscribe(telemetryPath, id, subscriptionTo("1", "")); status != 403 || !strings.Contains(text, "Telemetry.SubscriptionClosed") {
		t.Error(status, text)
	}
}

// invokeOnce runs one invocation, from the runtime's first call to what it prints.
func (r *runtime) invokeOnce(inv *lambdarunner.Invocation, printed string) {
	done := r.invoke(inv)
	r.call("GET", "/invocation/next", "")
	r.api.FunctionLine([]byte(printed + "\n"))
	r.call("POST", "/invocation/"+inv.RequestID+"/response", "12345")
	<-done
}

func TestTelemetryTellsTheLifeOfASandbox(t *testing.T) {
	r, l := newRuntime(t, time.Minute, "out"), newListener(t)
	r.api.FunctionLine([]byte("before it subscribes\n"))
	id := r.register("out", "SHUTDOWN")
	if status, text := r.subscribe(telemetryPath, id, subscriptionTo(l.port, "")); status != 200 || text != `"OK"` {
		t.Fatal(status, text)
	}
	r.api.ExtensionLine([]byte("of the extension\n"))
	r.nextOf(id)
	r.invokeOnce(&lambdarunner.Invocation{RequestID: "e1", TraceID: "Root=1-2-3", Tail: true}, "printed")
	all := l.until("platform.report")
	want := []string{"platform.initStart", "function", "platform.telemetrySubscription", "extension", "platform.initRuntimeDone", "platform.initReport",
		"platform.extension", "platform.start", "function", "platform.runtimeDone", "platform.report"}
	if got := kinds(all); !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	for _, c := range []struct {
		at   int
		want string // of the record, durations aside
	}{
		{0, `{"functionName":"f","functionVersion":"$LATEST","initializationType":"on-demand","phase":"init"}`},
		{1, `"before it subscribes\n"`},
		{2, `{"name":"out","state":"Subscribed","types":["platform","function","extension"]}`},
		{3, `"of the extension\n"`},
		{4, `{"initializationType":"on-demand","phase":"init","status":"success"}`},
		{5, `{"initializationType":"on-demand","metrics":{},"phase":"init","status":"success"}`},
		{6, `{"events":["SHUTDOWN"],"name":"out","state":"Ready"}`},
		{7, `{"requestId":"e1","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-2-3"},"version":"$LATEST"}`},
		{9, `{"metrics":{"producedBytes":5},"requestId":"e1","spans":[{"name":"responseLatency"},{"name":"responseDuration"}],"status":"success","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-2-3"}}`},
		{10, `{"metrics":{"maxMemoryUsedMB":0,"memorySizeMB":128},"requestId":"e1","status":"success","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-2-3"}}`},
	} {
		got, _ := json.Marshal(withoutTimes(all[c.at]["record"]))
		if string(got) != c.want {
			t.Errorf("%s: %s\nwant %s", all[c.at]["type"], got, c.want)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", all[c.at]["time"].(string)); err != nil {
			t.Error(err)
		}
	}
	if got := <-l.asked; got != "POST sandbox.localdomain:"+l.port+"/in/here" {
		t.Error(got)
	}
}

// withoutTimes removes what no test can know.
func withoutTimes(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"durationMs", "billedDurationMs", "initDurationMs", "start"} {
			delete(v, name)
		}
		for _, inner := range v {
			withoutTimes(inner)
		}
	case []any:
		for _, inner := range v {
			withoutTimes(inner)
		}
	}
	return v
}

// The Logs API has other events; runtimeDone only in its second schema.
func TestTheLogsAPIHasItsOwnEvents(t *testing.T) {
	for version, want := range map[string][]string{
		"2020-08-15": {"platform.logsSubscription", "platform.extension", "platform.start", "platform.end", "platform.report"},
		"2021-03-18": {"platform.logsSubscription", "platform.extension", "platform.start", "platform.runtimeDone", "platform.end", "platform.report"},
	} {
		r, l := newRuntime(t, time.Minute, "out"), newListener(t)
		id := r.register("out")
		body := `{"schemaVersion":"` + version + `","types":["platform"],"buffering":{"timeoutMs":25},"destination":{"protocol":"HTTP","method":"PUT","URI":"http://sandbox:` + l.port + `"}}`
		if status, text := r.subscribe(logsPath, id, body); status != 200 {
			t.Fatal(status, text)
		}
		r.nextOf(id)
		r.invokeOnce(&lambdarunner.Invocation{RequestID: "e1", Tail: true}, "printed")
		if got := kinds(l.until("platform.report")); !slices.Equal(got, want) {
			t.Errorf("%s: %v\nwant %v", version, got, want)
		}
		if got := <-l.asked; !strings.HasPrefix(got, "PUT ") {
			t.Error(got)
		}
	}
}

func TestTelemetryOverTCPIsALineARecord(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := newRuntime(t, time.Minute, "out")
	id := r.register("out")
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	body := `{"schemaVersion":"2022-12-13","types":["function"],"buffering":{"timeoutMs":25},"destination":{"protocol":"TCP","URI":"tcp://sandbox.localdomain:` + port + `"}}`
	if status, text := r.subscribe(telemetryPath, id, body); status != 200 {
		t.Fatal(status, text)
	}
	r.api.FunctionLine([]byte("one\n"))
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := bufio.NewScanner(c)
	for _, want := range []string{"one", "two"} {
		if want == "two" {
			r.api.FunctionLine([]byte("two\n"))
		}
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), `"type":"function","record":"`+want+`\n"}`) {
			t.Errorf("%s, want %s", lines.Text(), want)
		}
	}
}

// A destination that answers an error gets the records again.
func TestTelemetryIsTriedAgain(t *testing.T) {
	r, l := newRuntime(t, time.Minute, "out"), newListener(t)
	l.answers <- 500
	l.answers <- 503
	id := r.register("out")
	r.subscribe(telemetryPath, id, subscriptionTo(l.port, ""))
	if got := kinds(l.until("platform.telemetrySubscription")); got[0] != "platform.initStart" {
		t.Error(got)
	}
	if n := len(l.asked); n < 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestASlowDestinationLosesRecords(t *testing.T) {
	r, l := newRuntime(t, time.Minute, "out"), newListener(t)
	l.hold = make(chan struct{})
	id := r.register("out")
	r.subscribe(telemetryPath, id, strings.Replace(subscriptionTo(l.port, ""), `"timeoutMs":25`, `"timeoutMs":25,"maxItems":1000`, 1))
	<-l.asked // one batch is on its way now, and stays there
	const printed = 3000
	for i := range printed {
		r.api.FunctionLine(fmt.Appendf(nil, "%d\n", i))
	}
	close(l.hold)
	all := l.until("platform.logsDropped")
	lines := 0
	for _, record := range all {
		if record["type"] == "function" {
			lines++
		}
	}
	got := all[len(all)-1]["record"].(map[string]any)
	if dropped := got["droppedRecords"].(float64); lines+int(dropped) != printed || got["droppedBytes"].(float64) < dropped || got["reason"] != fellBehind {
		t.Errorf("%d lines came, of %d; %v", lines, printed, got)
	}
}

// An extension that subscribes again has one subscription, the later.
func TestSubscribingAgainReplaces(t *testing.T) {
	r, first, second := newRuntime(t, time.Minute, "out"), newListener(t), newListener(t)
	id := r.register("out")
	r.subscribe(telemetryPath, id, subscriptionTo(first.port, ""))
	first.until("platform.telemetrySubscription")
	r.subscribe(telemetryPath, id, subscriptionTo(second.port, ""))
	r.api.FunctionLine([]byte("printed\n"))
	if got := kinds(second.until("function")); !slices.Equal(got, []string{"platform.telemetrySubscription", "function"}) {
		t.Error(got)
	}
	if n := len(first.records); n != 0 {
		t.Errorf("%d records went to the first destination", n)
	}
}

// What is there at the end comes before the extension hears of it, however long a batch may wait.
func TestTheShutdownFlushes(t *testing.T) {
	r, l := newRuntime(t, time.Minute, "out"), newListener(t)
	id := r.register("out", "SHUTDOWN")
	r.subscribe(telemetryPath, id, strings.Replace(subscriptionTo(l.port, ""), `"timeoutMs":25`, `"timeoutMs":30000`, 1))
	r.api.FunctionLine([]byte("last words\n"))
	waiting := r.nextOf(id)
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.api.Shutdown(func(time.Duration) {}, nil)
	}()
	<-waiting
	if len(l.records) == 0 {
		t.Error("the extension heard of the end first")
	}
	l.until("function")
	r.api.ExtensionExited("out", "")
	<-over
}
