package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/apigw/websocket"
	"postern/apigw/websocket/wstest"
)

// An echo answers messages with themselves, and tells of ends. A message "wait" waits for a word on release.
type echo struct {
	ends    chan websocket.End
	release chan struct{}
}

func (e *echo) Message(ctx context.Context, c *websocket.Conn, text []byte) {
	if string(text) == "wait" {
		select {
		case <-e.release:
		case <-ctx.Done():
		}
	}
	c.Answer(text)
}

func (e *echo) Disconnected(_ context.Context, _ *websocket.Conn, end websocket.End) { e.ends <- end }

// serve runs a hub whose connections are called 1, 2, 3.
func serve(t *testing.T, o websocket.Options) (*websocket.Hub, *echo, string) {
	t.Helper()
	e := &echo{make(chan websocket.End, 100), make(chan struct{})}
	o.Handler = e
	hub := websocket.New(o)
	var mu sync.Mutex
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		id := fmt.Sprint(n)
		mu.Unlock()
		s := websocket.Start{ID: id, API: "api", Stage: "prod", Opened: time.Now()}
		if offered := websocket.Offered(r); len(offered) > 0 {
			s.Protocol = offered[len(offered)-1]
		}
		if err := hub.Open(w, r, s); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		hub.Close(ctx)
	})
	return hub, e, srv.Listener.Addr().String()
}

func dial(t *testing.T, addr string, header ...string) *wstest.Client {
	t.Helper()
	c, res := wstest.Dial(t, addr, addr, header...)
	if c == nil {
		t.Fatal(res.Status)
	}
	return c
}

func (e *echo) wants(t *testing.T, status int, reason string) {
	t.Helper()
	if got, want := <-e.ends, (websocket.End{Status: status, Reason: reason}); got != want {
		t.Errorf("ended with %+v, want %+v", got, want)
	}
}

// What is sent, and which close frame comes: RFC 6455, and AWS's limits.
func TestFramesThatEndConnections(t *testing.T) {
	large := strings.Repeat("x", 32<<10)
	cases := []struct {
		name   string
		frames [][]byte
		status int
		reason string
	}{
		{"no more", [][]byte{wstest.Frame(wstest.Fin|wstest.Close, []byte(wstest.CloseBody(1000, "bye")))}, 1000, "bye"},
		{"an own status", [][]byte{wstest.Frame(wstest.Fin|wstest.Close, []byte(wstest.CloseBody(4321, "x")))}, 4321, "x"},
		{"a binary frame", [][]byte{wstest.Frame(wstest.Fin|wstest.Binary, []byte("x"))}, 1003, "Binary frames are not supported"},
		{"a frame of more than 32 KB", [][]byte{wstest.Frame(wstest.Fin|wstest.Text, []byte(large+"x"))}, 1009, "Message too long"},
		{"a message of more than 128 KB", [][]byte{
			wstest.Frame(wstest.Text, []byte(large)), wstest.Frame(wstest.Continuation, []byte(large)), wstest.Frame(wstest.Continuation, []byte(large)),
			wstest.Frame(wstest.Continuation, []byte(large)), wstest.Frame(wstest.Fin|wstest.Continuation, []byte("x")),
		}, 1009, "Message too long"},
		{"text that is no UTF-8", [][]byte{wstest.Frame(wstest.Fin|wstest.Text, []byte("\xff"))}, 1007, "Invalid UTF-8"},
		{"a frame without a mask", [][]byte{{wstest.Fin | wstest.Text, 1, 'x'}}, 1002, "Protocol error"},
		{"a reserved bit", [][]byte{wstest.Frame(wstest.Fin|0x40|wstest.Text, []byte("x"))}, 1002, "Protocol error"},
		{"an unknown operation", [][]byte{wstest.Frame(wstest.Fin|0x3, []byte("x"))}, 1002, "Protocol error"},
		{"a continuation of nothing", [][]byte{wstest.Frame(wstest.Fin|wstest.Continuation, []byte("x"))}, 1002, "Protocol error"},
		{"a message within a message", [][]byte{wstest.Frame(wstest.Text, []byte("x")), wstest.Frame(wstest.Fin|wstest.Text, []byte("x"))}, 1002, "Protocol error"},
		{"a ping in pieces", [][]byte{wstest.Frame(wstest.Ping, []byte("x"))}, 1002, "Protocol error"},
		{"a long ping", [][]byte{wstest.Frame(wstest.Fin|wstest.Ping, []byte(strings.Repeat("x", 126)))}, 1002, "Protocol error"},
		{"a close frame of one byte", [][]byte{wstest.Frame(wstest.Fin|wstest.Close, []byte("x"))}, 1002, "Protocol error"},
		{"a status that is not for the wire", [][]byte{wstest.Frame(wstest.Fin|wstest.Close, []byte(wstest.CloseBody(1005, "")))}, 1002, "Protocol error"},
		{"a reason that is no UTF-8", [][]byte{wstest.Frame(wstest.Fin|wstest.Close, []byte(wstest.CloseBody(1000, "\xff")))}, 1002, "Protocol error"},
		{"a length beyond all", [][]byte{{wstest.Fin | wstest.Text, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}}, 1002, "Protocol error"},
	}
	_, e, addr := serve(t, websocket.Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := dial(t, addr)
			for _, f := range c.frames {
				client.Conn.Write(f)
			}
			client.WantsClose(c.status, c.reason)
			e.wants(t, c.status, c.reason)
		})
	}
}

func TestWhatClientsMaySend(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	client, res := wstest.Dial(t, addr, addr, "Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate")
	if got := res.Header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // of RFC 6455, 1.3
		t.Errorf("Sec-WebSocket-Accept %s", got)
	}
	if got := res.Header.Get("Sec-WebSocket-Protocol"); got != "b" {
		t.Errorf("Sec-WebSocket-Protocol %s", got)
	}
	if got := res.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("extensions %s", got)
	}
	large := strings.Repeat("x", 32<<10)
	client.Send(wstest.Fin|wstest.Text, large)
	client.Wants(wstest.Text, large)
	client.Send(wstest.Text, large)
	client.Send(wstest.Fin|wstest.Ping, "between")
	client.Wants(wstest.Pong, "between")
	client.Send(wstest.Continuation, "")
	client.Send(wstest.Continuation, large)
	client.Send(wstest.Fin|wstest.Pong, "")
	client.Send(wstest.Continuation, large)
	client.Send(wstest.Fin|wstest.Continuation, large)
	client.Wants(wstest.Text, strings.Repeat(large, 4))
	client.Send(wstest.Fin|wstest.Text, "")
	client.Wants(wstest.Text, "")
	client.Send(wstest.Fin|wstest.Close, "")
	client.Wants(wstest.Close, "")
	client.WantsEnd()
	e.wants(t, 1005, "Client-side close frame status not set")
}

func TestAClientThatIsGoneWithoutAWord(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	client := dial(t, addr)
	client.Send(wstest.Text, "begun")
	client.Conn.Close()
	e.wants(t, 1006, "Connection closed abnormally")
}

// Frames that come with the handshake are not lost.
func TestAClientThatDoesNotWait(t *testing.T) {
	_, _, addr := serve(t, websocket.Options{})
	client := dial(t, addr)
	for range 100 {
		client.Send(wstest.Fin|wstest.Text, "x")
	}
	for range 100 {
		client.Wants(wstest.Text, "x")
	}
}

func TestMessagesOfAConnectionComeInOrderAndOthersDoNotWait(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	slow := dial(t, addr)
	slow.Send(wstest.Fin|wstest.Text, "wait")
	slow.Send(wstest.Fin|wstest.Text, "then")
	slow.Send(wstest.Fin|wstest.Ping, "still here")
	slow.Wants(wstest.Pong, "still here") // although the message is not served yet
	fast := dial(t, addr)
	fast.Send(wstest.Fin|wstest.Text, "x")
	fast.Wants(wstest.Text, "x")
	close(e.release)
	slow.Wants(wstest.Text, "wait")
	slow.Wants(wstest.Text, "then")
}

func TestSendingToAConnection(t *testing.T) {
	hub, e, addr := serve(t, websocket.Options{})
	client := dial(t, addr)
	c := hub.Find("api", "prod", "1")
	if c == nil || hub.Find("api", "dev", "1") != nil || hub.Find("other", "prod", "1") != nil {
		t.Fatal("the connection is found where it is not, or not where it is")
	}
	c.Send([]byte("text"))
	client.Wants(wstest.Text, "text")
	c.Send([]byte{0xff, 0})
	client.Wants(wstest.Binary, "\xff\x00")
	c.Close(websocket.Deleted)
	if hub.Find("api", "prod", "1") != nil {
		t.Error("a connection that was closed is found")
	}
	if err := c.Send([]byte("x")); !errors.Is(err, websocket.ErrGone) {
		t.Errorf("send after close: %v", err)
	}
	client.WantsClose(1000, "Connection Closed Normally")
	e.wants(t, 1000, "Connection Closed Normally")
}

func TestAClientThatDoesNotReadIsFull(t *testing.T) {
	hub, _, addr := serve(t, websocket.Options{})
	client := dial(t, addr)
	c := hub.Find("api", "prod", "1")
	message := []byte(strings.Repeat("x", 128<<10))
	for sent := 0; ; sent++ {
		if err := c.Send(message); errors.Is(err, websocket.ErrFull) {
			break
		} else if err != nil || sent > 1000 {
			t.Fatalf("after %d messages: %v", sent, err)
		}
	}
	other := dial(t, addr)
	other.Send(wstest.Fin|wstest.Text, "x")
	other.Wants(wstest.Text, "x")
	client.Wants(wstest.Text, string(message))
}

func TestConnectionsEndInTime(t *testing.T) {
	for _, o := range []websocket.Options{{Idle: 50 * time.Millisecond}, {Longest: 50 * time.Millisecond}} {
		_, e, addr := serve(t, o)
		client := dial(t, addr)
		client.WantsClose(1001, "Going away")
		e.wants(t, 1001, "Going away")
	}
}

func TestAnActiveConnectionIsNotIdle(t *testing.T) {
	clock := time.Now()
	var mu sync.Mutex
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	hub, e, addr := serve(t, websocket.Options{Idle: time.Minute, Now: now})
	client := dial(t, addr)
	mu.Lock()
	clock = clock.Add(59 * time.Second)
	mu.Unlock()
	client.Send(wstest.Fin|wstest.Ping, "")
	client.Wants(wstest.Pong, "")
	c := hub.Find("api", "prod", "1")
	if got := now().Sub(c.LastActive()); got > time.Second {
		t.Errorf("last active %v ago", got)
	}
	hub.CloseStage("api", "dev")
	client.Send(wstest.Fin|wstest.Text, "open")
	client.Wants(wstest.Text, "open")
	hub.CloseStage("api", "prod")
	client.WantsClose(1001, "Going away")
	e.wants(t, 1001, "Going away")
}

func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	e := &echo{make(chan websocket.End, 100), make(chan struct{})}
	hub := websocket.New(websocket.Options{Handler: e})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := hub.Open(w, r, websocket.Start{ID: r.Header.Get("Id"), Opened: time.Now()}); err != nil && !errors.Is(err, websocket.ErrClosed) {
			t.Error(err)
		}
	}))
	var clients []*wstest.Client
	for i := range 20 {
		c := dial(t, srv.Listener.Addr().String(), fmt.Sprintf("Id: %d", i))
		c.Send(wstest.Fin|wstest.Text, "wait") // whose handler only ends with the hub
		clients = append(clients, c)
	}
	srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	hub.Close(ctx)
	for _, c := range clients {
		c.Conn.Close()
	}
	for range clients {
		<-e.ends
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond) // the client's side of httptest ends by itself
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
