package websocket_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"postern/apigw/websocket"
	"postern/apigw/websocket/wstest"
)

// What a client sends, in order, and what it hears: the cases of the Autobahn test suite for servers that echo,
// by the suite's numbers and at AWS's limits (32 KB a frame, 128 KB a message). The suite itself is no part of
// this; what it asks for is RFC 6455's.
func TestAutobahnCases(t *testing.T) {
	const fin, text, cont, ping, pong, shut = wstest.Fin, wstest.Text, wstest.Continuation, wstest.Ping, wstest.Pong, wstest.Close
	f := func(first byte, payload string) string { return string(wstest.Frame(first, []byte(payload))) }
	code := func(n int, reason string) string { return f(fin|shut, wstest.CloseBody(n, reason)) }
	x := func(n int) string { return strings.Repeat("x", n) }
	const violation = "close 1002 Protocol error"
	type hears = []string
	cases := []autobahnCase{
		{"1.1.2 text of 125 bytes", f(fin|text, x(125)), hears{"text " + x(125)}},
		{"1.1.3 text of 126 bytes", f(fin|text, x(126)), hears{"text " + x(126)}},
		{"1.1.5 text of 128 bytes", f(fin|text, x(128)), hears{"text " + x(128)}},
		{"1.1.6 text as long as frames may be", f(fin|text, x(32<<10)), hears{"text " + x(32<<10)}},
		{"1.1.7 text of 64 KB in one frame", f(fin|text, x(64<<10)), hears{"close 1009 Message too long"}},
		{"2.1 a ping without payload", f(fin|ping, ""), hears{"pong "}},
		{"2.3 a ping with bytes", f(fin|ping, "\x00\xff\xfe"), hears{"pong \x00\xff\xfe"}},
		{"2.4 a ping of 125 bytes", f(fin|ping, x(125)), hears{"pong " + x(125)}},
		{"2.5 a ping of 126 bytes", f(fin|ping, x(126)), hears{violation}},
		{"2.8 a pong nobody asked for", f(fin|pong, "x"), nil},
		{"2.9 a pong, then a ping", f(fin|pong, "x") + f(fin|ping, "y"), hears{"pong y"}},
		{"2.10 pings in a row", f(fin|ping, "1") + f(fin|ping, "2") + f(fin|ping, "3"), hears{"pong 1", "pong 2", "pong 3"}},
		{"5.2 a pong in pieces", f(pong, "a") + f(fin|cont, "b"), hears{violation}},
		{"5.3 text in two pieces", f(text, "a") + f(fin|cont, "b"), hears{"text ab"}},
		{"5.6 a ping between them", f(text, "a") + f(fin|ping, "p") + f(fin|cont, "b"), hears{"pong p", "text ab"}},
		{"5.9 a continuation of nothing", f(fin|cont, "a") + f(fin|text, "b"), hears{violation}},
		{"5.12 a continuation of nothing that is not the last", f(cont, "a") + f(fin|text, "b"), hears{violation}},
		{"5.18 a text in a text", f(text, "a") + f(fin|text, "b"), hears{violation}},
		{"5.19 pings between many pieces", f(text, "1") + f(cont, "2") + f(fin|ping, "p") + f(cont, "") + f(fin|ping, "q") + f(fin|cont, "3"), hears{"pong p", "pong q", "text 123"}},
		{"7.1.2 two close frames", code(1000, "") + code(1000, ""), hears{"close 1000 "}},
		{"7.1.3 a ping after the close frame", code(1000, "") + f(fin|ping, "x"), hears{"close 1000 "}},
		{"7.1.4 text after the close frame", code(1000, "") + f(fin|text, "x"), hears{"close 1000 "}},
		{"7.1.5 a close frame in a message", f(text, "a") + code(1000, "") + f(fin|cont, "b"), hears{"close 1000 "}},
		{"7.3.1 a close frame without status", f(fin|shut, ""), hears{"close"}},
		{"7.3.2 a close frame of one byte", f(fin|shut, "x"), hears{violation}},
		{"7.3.4 a reason", code(1000, "Hello World!"), hears{"close 1000 Hello World!"}},
		{"7.3.5 the longest reason", code(1000, x(123)), hears{"close 1000 " + x(123)}},
		{"7.3.6 a reason that is too long", code(1000, x(124)), hears{violation}},
		{"7.5.1 a reason that is no UTF-8", code(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), hears{violation}},
		{"9 a message as long as messages may be", f(text, x(32<<10)) + f(cont, x(32<<10)) + f(cont, x(32<<10)) + f(fin|cont, x(32<<10)), hears{"text " + x(128<<10)}},
		{"9 one byte more", f(text, x(32<<10)) + f(cont, x(32<<10)) + f(cont, x(32<<10)) + f(cont, x(32<<10)) + f(fin|cont, "x"), hears{"close 1009 Message too long"}},
		{"9 a message in pieces of one byte", f(text, "x") + strings.Repeat(f(cont, "x"), 998) + f(fin|cont, "x"), hears{"text " + x(1000)}},
	}
	for rsv := byte(1); rsv <= 7; rsv++ { // 3.1 to 3.7
		cases = append(cases, autobahnCase{fmt.Sprintf("3.%d reserved bits", rsv), f(fin|rsv<<4|text, "x"), hears{violation}})
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} { // 4.1 and 4.2
		cases = append(cases, autobahnCase{fmt.Sprintf("4 opcode %d", op), f(fin|op, "x"), hears{violation}})
	}
	for _, s := range []string{"κόσμε", "\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "\ufdd0"} { // 6.2, 6.5 to 6.23
		cases = append(cases, autobahnCase{fmt.Sprintf("6 %+q is UTF-8", s), f(fin|text, s), hears{"text " + s}})
		var pieces strings.Builder
		for i := range len(s) {
			pieces.WriteString(f(cont, s[i:i+1]))
		}
		cases = append(cases, autobahnCase{fmt.Sprintf("6 %+q in pieces of a byte", s), f(text, "") + pieces.String() + f(fin|cont, ""), hears{"text " + s}})
	}
	for _, s := range []string{ // 6.3, 6.6 to 6.21
		"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", "\x80", "\xbf", "\xc0 ", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xe2\x82",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
	} {
		cases = append(cases, autobahnCase{fmt.Sprintf("6 %+q is no UTF-8", s), f(text, "ok ") + f(fin|cont, s), hears{"close 1007 Invalid UTF-8"}})
	}
	for _, n := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} { // 7.7
		cases = append(cases, autobahnCase{fmt.Sprintf("7.7 status %d", n), code(n, ""), hears{fmt.Sprintf("close %d ", n)}})
	}
	for _, n := range []int{1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999} { // 7.9
		cases = append(cases, autobahnCase{fmt.Sprintf("7.9 status %d", n), code(n, ""), hears{violation}})
	}
	_, e, addr := serve(t, websocket.Options{})
	for _, c := range cases {
		for _, size := range []int{len(c.sends), 7} { // 2.6, 2.11, 5.5: in pieces that have nothing to do with frames
			c.run(t, addr, max(size, len(c.sends)/2000))
			<-e.ends
		}
	}
}

// An autobahnCase is what a client sends and what it hears.
type autobahnCase struct {
	name, sends string
	hears       []string
}

// run writes what there is to send in pieces of a size.
func (c autobahnCase) run(t *testing.T, addr string, size int) {
	t.Helper()
	t.Run(fmt.Sprintf("%.60s/%d", c.name, size), func(t *testing.T) {
		client := dial(t, addr)
		defer client.Conn.Close()
		for rest := c.sends; rest != ""; {
			n := min(size, len(rest))
			client.Conn.Write([]byte(rest[:n])) // fails once the server has closed: what it said before counts
			rest = rest[n:]
		}
		ended := false
		for _, want := range c.hears {
			got := heard(client)
			if got != want {
				t.Fatalf("%.100q, want %.100q", got, want)
			}
			ended = strings.HasPrefix(got, "close")
		}
		if !ended { // it still works
			client.Send(wstest.Fin|wstest.Ping, "at last")
			client.Wants(wstest.Pong, "at last")
			return
		}
		client.WantsEnd()
	})
}

// heard is the next frame in words.
func heard(c *wstest.Client) string {
	op, payload := c.Read()
	switch {
	case op == wstest.Text:
		return "text " + payload
	case op == wstest.Pong:
		return "pong " + payload
	case op == wstest.Close && len(payload) >= 2:
		return fmt.Sprintf("close %d %s", binary.BigEndian.Uint16([]byte(payload)), payload[2:])
	case op == wstest.Close:
		return "close" + payload
	}
	return fmt.Sprintf("%x %s", op, payload)
}
