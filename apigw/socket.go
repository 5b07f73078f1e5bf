package apigw

import (
	"strconv"
	"time"
)

// A Socket is what an Exchange of a WebSocket API tells of its connection: a client that connects,
// one of its messages, or its end.
type Socket struct {
	ConnectionID string
	ConnectedAt  time.Time
	EventType    string // SocketConnect, SocketMessage or SocketDisconnect
	UserAgent    string // of the request that opened the connection

	MessageID string // of a message

	// Of an end: the status of the close frame and its reason, or what stands for them.
	DisconnectStatus int
	DisconnectReason string
}

// What events of a connection are: $context.eventType.
const (
	SocketConnect    = "CONNECT"
	SocketMessage    = "MESSAGE"
	SocketDisconnect = "DISCONNECT"
)

// The routes that every WebSocket API may have besides its own.
const (
	ConnectRoute    = "$connect"
	DisconnectRoute = "$disconnect"
)

// context returns a variable that only WebSocket APIs have, "" for none. (API Gateway developer guide,
// "WebSocket API mapping template reference", read 2026-11.)
func (s *Socket) context(name string) string {
	switch name {
	case "connectionId":
		return s.ConnectionID
	case "connectedAt":
		return strconv.FormatInt(s.ConnectedAt.UnixMilli(), 10)
	case "eventType":
		return s.EventType
	case "messageId":
		return s.MessageID
	case "messageDirection":
		return MessageDirection
	case "disconnectReason":
		return s.DisconnectReason
	case "disconnectStatusCode":
		if s.EventType == SocketDisconnect {
			return strconv.Itoa(s.DisconnectStatus)
		}
	}
	return ""
}

// MessageDirection is $context.messageDirection: all that is routed comes from clients.
const MessageDirection = "IN"

// UserAgent is the client's User-Agent: that of its connection, or of the request.
func (x *Exchange) UserAgent() string {
	if x.Socket != nil {
		return x.Socket.UserAgent
	}
	return x.Request.UserAgent()
}
