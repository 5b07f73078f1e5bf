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
		{"no more", [][]byte{frame(fin|closing, []byte(closeBody(1000, "bye")))}, 1000, "bye"},
		{"an own status", [][]byte{frame(fin|closing, []byte(closeBody(4321, "x")))}, 4321, "x"},
		{"a binary frame", [][]byte{frame(fin|binaryFrame, []byte("x"))}, 1003, "Binary frames are not supported"},
		{"a frame of more than 32 KB", [][]byte{frame(fin|text, []byte(large+"x"))}, 1009, "Message too long"},
		{"a message of more than 128 KB", [][]byte{
			frame(text, []byte(large)), frame(continuation, []byte(large)), frame(continuation, []byte(large)),
			frame(continuation, []byte(large)), frame(fin|continuation, []byte("x")),
		}, 1009, "Message too long"},
		{"text that is no UTF-8", [][]byte{frame(fin|text, []byte("\xff"))}, 1007, "Invalid UTF-8"},
		{"a frame without a mask", [][]byte{{fin | text, 1, 'x'}}, 1002, "Protocol error"},
		{"a reserved bit", [][]byte{frame(fin|0x40|text, []byte("x"))}, 1002, "Protocol error"},
		{"an unknown operation", [][]byte{frame(fin|0x3, []byte("x"))}, 1002, "Protocol error"},
		{"a continuation of nothing", [][]byte{frame(fin|continuation, []byte("x"))}, 1002, "Protocol error"},
		{"a message within a message", [][]byte{frame(text, []byte("x")), frame(fin|text, []byte("x"))}, 1002, "Protocol error"},
		{"a ping in pieces", [][]byte{frame(ping, []byte("x"))}, 1002, "Protocol error"},
		{"a long ping", [][]byte{frame(fin|ping, []byte(strings.Repeat("x", 126)))}, 1002, "Protocol error"},
		{"a close frame of one byte", [][]byte{frame(fin|closing, []byte("x"))}, 1002, "Protocol error"},
		{"a status that is not for the wire", [][]byte{frame(fin|closing, []byte(closeBody(1005, "")))}, 1002, "Protocol error"},
		{"a reason that is no UTF-8", [][]byte{frame(fin|closing, []byte(closeBody(1000, "\xff")))}, 1002, "Protocol error"},
		{"a length beyond all", [][]byte{{fin | text, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}}, 1002, "Protocol error"},
	}
	_, e, addr := serve(t, websocket.Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client, _ := dial(t, addr)
			for _, f := range c.frames {
				client.conn.Write(f)
			}
			client.wantsClose(c.status, c.reason)
			e.wants(t, c.status, c.reason)
		})
	}
}

func TestWhatClientsMaySend(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	client, header := dial(t, addr, "Sec-WebSocket-Protocol: a, b", "Sec-WebSocket-Extensions: permessage-deflate")
	if got := header.Get("Sec-WebSocket-Accept"); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // of RFC 6455, 1.3
		t.Errorf("Sec-WebSocket-Accept %s", got)
	}
	if got := header.Get("Sec-WebSocket-Protocol"); got != "b" {
		t.Errorf("Sec-WebSocket-Protocol %s", got)
	}
	if got := header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("extensions %s", got)
	}
	large := strings.Repeat("x", 32<<10)
	client.send(fin|text, large)
	client.wants(text, large)
	client.send(text, large)
	client.send(fin|ping, "between")
	client.wants(pong, "between")
	client.send(continuation, "")
	client.send(continuation, large)
	client.send(fin|pong, "")
	client.send(continuation, large)
	client.send(fin|continuation, large)
	client.wants(text, strings.Repeat(large, 4))
	client.send(fin|text, "")
	client.wants(text, "")
	client.send(fin|closing, "")
	client.wants(closing, "")
	client.wantsEnd()
	e.wants(t, 1005, "Client-side close frame status not set")
}

func TestAClientThatIsGoneWithoutAWord(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	client, _ := dial(t, addr)
	client.send(text, "begun")
	client.conn.Close()
	e.wants(t, 1006, "Connection closed abnormally")
}

// Frames that come with the handshake are not lost.
func TestAClientThatDoesNotWait(t *testing.T) {
	_, _, addr := serve(t, websocket.Options{})
	client, _ := dial(t, addr)
	for range 100 {
		client.send(fin|text, "x")
	}
	for range 100 {
		client.wants(text, "x")
	}
}

func TestMessagesOfAConnectionComeInOrderAndOthersDoNotWait(t *testing.T) {
	_, e, addr := serve(t, websocket.Options{})
	slow, _ := dial(t, addr)
	slow.send(fin|text, "wait")
	slow.send(fin|text, "then")
	slow.send(fin|ping, "still here")
	slow.wants(pong, "still here") // although the message is not served yet
	fast, _ := dial(t, addr)
	fast.send(fin|text, "x")
	fast.wants(text, "x")
	close(e.release)
	slow.wants(text, "wait")
	slow.wants(text, "then")
}

func TestSendingToAConnection(t *testing.T) {
	hub, e, addr := serve(t, websocket.Options{})
	client, _ := dial(t, addr)
	c := hub.Find("api", "prod", "1")
	if c == nil || hub.Find("api", "dev", "1") != nil || hub.Find("other", "prod", "1") != nil {
		t.Fatal("the connection is found where it is not, or not where it is")
	}
	c.Send([]byte("text"))
	client.wants(text, "text")
	c.Send([]byte{0xff, 0})
	client.wants(binaryFrame, "\xff\x00")
	c.Close(websocket.Deleted)
	if hub.Find("api", "prod", "1") != nil {
		t.Error("a connection that was closed is found")
	}
	if err := c.Send([]byte("x")); !errors.Is(err, websocket.ErrGone) {
		t.Errorf("send after close: %v", err)
	}
	client.wantsClose(1000, "Connection Closed Normally")
	e.wants(t, 1000, "Connection Closed Normally")
}

func TestAClientThatDoesNotReadIsFull(t *testing.T) {
	hub, _, addr := serve(t, websocket.Options{})
	client, _ := dial(t, addr)
	c := hub.Find("api", "prod", "1")
	message := []byte(strings.Repeat("x", 128<<10))
	for sent := 0; ; sent++ {
		if err := c.Send(message); errors.Is(err, websocket.ErrFull) {
			break
		} else if err != nil || sent > 1000 {
			t.Fatalf("after %d messages: %v", sent, err)
		}
	}
	other, _ := dial(t, addr)
	other.send(fin|text, "x")
	other.wants(text, "x")
	client.wants(text, string(message))
}

func TestConnectionsEndInTime(t *testing.T) {
	for _, o := range []websocket.Options{{Idle: 50 * time.Millisecond}, {Longest: 50 * time.Millisecond}} {
		_, e, addr := serve(t, o)
		client, _ := dial(t, addr)
		client.wantsClose(1001, "Going away")
		e.wants(t, 1001, "Going away")
	}
}

func TestAnActiveConnectionIsNotIdle(t *testing.T) {
	clock := time.Now()
	var mu sync.Mutex
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
	hub, e, addr := serve(t, websocket.Options{Idle: time.Minute, Now: now})
	client, _ := dial(t, addr)
	mu.Lock()
	clock = clock.Add(59 * time.Second)
	mu.Unlock()
	client.send(fin|ping, "")
	client.wants(pong, "")
	c := hub.Find("api", "prod", "1")
	if got := now().Sub(c.LastActive()); got > time.Second {
		t.Errorf("last active %v ago", got)
	}
	hub.CloseStage("api", "dev")
	client.send(fin|text, "open")
	client.wants(text, "open")
	hub.CloseStage("api", "prod")
	client.wantsClose(1001, "Going away")
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
	var clients []*client
	for i := range 20 {
		c, _ := dial(t, srv.Listener.Addr().String(), fmt.Sprintf("Id: %d", i))
		c.send(fin|text, "wait") // whose handler only ends with the hub
		clients = append(clients, c)
	}
	srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	hub.Close(ctx)
	for _, c := range clients {
		c.conn.Close()
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
