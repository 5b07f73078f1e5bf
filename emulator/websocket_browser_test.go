package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// talk is what a page sees of a connection. It sends all that it has to say once the connection is open, and
// closes it when it hears that "bye" was got.
const talk = `
const talk = (query, protocols, ...say) => new Promise(resolve => {
	const seen = [], ws = new WebSocket(url + query, protocols)
	ws.onopen = () => { seen.push("open " + ws.protocol); say.forEach(text => ws.send(text)) }
	ws.onmessage = m => { seen.push("message " + m.data); if (m.data === "got bye") ws.close(4000, "enough") }
	ws.onerror = () => seen.push("error")
	ws.onclose = e => resolve([...seen, ["close", e.code, e.reason, e.wasClean].join(" ")])
})
`

// Chromium is a client of WebSockets that was written by others.
func TestWebSocketAsABrowserSeesIt(t *testing.T) {
	needProgram(t, "python3")
	page := newOrigin(t)
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	a := s.createSocketAPI(t)
	f, events := s.recorder(t)
	for _, key := range []string{"$connect", "$disconnect", "$default"} {
		a.route(key, proxyTo(f))
	}
	a.deploy()
	var ends []int
	done := make(chan struct{})
	go func() { // what a backend of the API does
		defer close(done)
		for e := range events {
			id := &e.RequestContext.ConnectionID
			var err error
			switch {
			case e.RequestContext.EventType == "DISCONNECT":
				ends = append(ends, e.RequestContext.DisconnectStatusCode)
			case e.Body == "delete me":
				_, err = a.connections().DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: id})
			case e.RequestContext.EventType == "MESSAGE":
				_, err = a.connections().PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: id, Data: []byte("got " + e.Body)})
			}
			if err != nil {
				t.Error(err)
			}
			if len(ends) == 5 {
				return
			}
		}
	}()
	cases := []struct {
		name, call string
		want       []string
	}{
		{"messages there and back", `talk("", [], "é 🙂", "", "x".repeat(32000), "bye")`,
			[]string{"open ", "message got é 🙂", "message got ", "message got " + strings.Repeat("x", 32000), "message got bye", "close 4000 enough true"}},
		{"a subprotocol, and a connection that is deleted", `talk("?protocol=b", ["a", "b"], "delete me")`, []string{"open b", "close 1000 Connection Closed Normally true"}},
		{"no subprotocol is chosen, which is the browser's to refuse", `talk("", ["a", "b"])`, []string{"error", "close 1006  false"}},
		{"refused", `talk("?status=401", [])`, []string{"error", "close 1006  false"}},
		{"bytes", `talk("", [], new Uint8Array([1, 2]))`, []string{"open ", "close 1003 Binary frames are not supported true"}},
		{"a frame of more than 32 KB", `talk("", [], "x".repeat(32769))`, []string{"open ", "close 1009 Message too long true"}},
	}
	script := `const url = "ws://` + a.host() + `/prod"` + talk + "const seen = {}\n"
	for _, c := range cases {
		script += `seen["` + c.name + `"] = await ` + c.call + "\n"
	}
	var seen map[string][]string
	page.run(script+"return seen", &seen)
	for _, c := range cases {
		if diff := cmp.Diff(c.want, seen[c.name]); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	<-done
	slices.Sort(ends)
	if diff := cmp.Diff([]int{1000, 1003, 1006, 1009, 4000}, ends); diff != "" {
		t.Error(diff)
	}
}
