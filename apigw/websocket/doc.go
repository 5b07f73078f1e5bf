// Package websocket keeps the connections of WebSocket APIs: their frames, their limits and their
// ends. It knows nothing of routes: what a client sends goes to a Handler, one message after another.
//
// hub.go has all connections, conn.go one of them; read.go takes what its client sends, write.go what
// the client gets, and open.go makes a connection of an HTTP request.
package websocket
