package integration

import (
	"slices"
	"strconv"

	"postern/apigw"
)

// appendSocketEvent appends the event of a connection, with its members in the order of recorded events
// (facts/websocket.md §4). Messages have no headers.
func appendSocketEvent(b []byte, x *apigw.Exchange) []byte {
	b = append(b, '{')
	switch x.Socket.EventType {
	case apigw.SocketConnect:
		b = appendOpening(b, x)
		if query := x.Request.Query(); len(query) > 0 {
			b = appendQuery(b, query, "{}")
		}
		b = append(b, ',')
	case apigw.SocketDisconnect:
		b = append(appendEndHeaders(b, x), ',')
	}
	b = appendSocketContext(append(b, `"requestContext":`...), x)
	if x.Socket.EventType == apigw.SocketMessage {
		b = AppendString(append(b, `,"body":`...), x.Request.Body)
	}
	if len(x.Stage.Variables) > 0 {
		b = AppendVariables(append(b, `,"stageVariables":`...), x.Stage.Variables, "{}")
	}
	return append(b, `,"isBase64Encoded":false}`...)
}

// appendSocketAuthorizer appends what an authorizer gets, with its members as in AWS's example (developer
// guide, "Control access to WebSocket APIs with AWS Lambda REQUEST authorizers", read 2026-11).
func appendSocketAuthorizer(b []byte, x *apigw.Exchange, methodARN string) []byte {
	b = AppendMember(b, `{"type":"REQUEST","methodArn":`, methodARN)
	b = appendHeaders(b, &x.Request, "{}")
	b = appendQuery(b, x.Request.Query(), "{}")
	b = AppendVariables(append(b, `,"stageVariables":`...), x.Stage.Variables, "{}")
	return append(appendSocketContext(append(b, `,"requestContext":`...), x), '}')
}

// appendOpening writes the headers of the request that opens a connection, as the first members.
func appendOpening(b []byte, x *apigw.Exchange) []byte {
	comma := len(b)
	return slices.Delete(appendHeaders(b, &x.Request, "{}"), comma, comma+1)
}

// appendEndHeaders writes the headers that the event of an end has.
func appendEndHeaders(b []byte, x *apigw.Exchange) []byte {
	b = AppendMember(b, `"headers":{"Host":`, x.Request.Host)
	b = AppendMember(b, `,"x-api-key":"","X-Forwarded-For":`, x.Request.SourceIP)
	b = AppendMember(b, `,"x-restapi":""},"multiValueHeaders":{"Host":[`, x.Request.Host)
	b = AppendMember(b, `],"x-api-key":[""],"X-Forwarded-For":[`, x.Request.SourceIP)
	return append(b, `],"x-restapi":[""]}`...)
}

func appendSocketContext(b []byte, x *apigw.Exchange) []byte {
	r, s := &x.Request, x.Socket
	b = AppendMember(b, `{"routeKey":`, x.Method.RouteKey)
	switch s.EventType {
	case apigw.SocketMessage:
		b = AppendMember(b, `,"messageId":`, s.MessageID)
	case apigw.SocketDisconnect:
		b = strconv.AppendInt(append(b, `,"disconnectStatusCode":`...), int64(s.DisconnectStatus), 10)
	}
	b = appendAuthorization(b, x)
	b = AppendMember(b, `,"eventType":`, s.EventType)
	b = AppendMember(b, `,"extendedRequestId":`, r.ExtendedID)
	b = append(b, `,"requestTime":"`...)
	b = append(r.Time.UTC().AppendFormat(b, apigw.CLFTime), '"')
	b = AppendMember(b, `,"messageDirection":`, apigw.MessageDirection)
	if s.EventType == apigw.SocketDisconnect {
		b = AppendMember(b, `,"disconnectReason":`, s.DisconnectReason)
	}
	b = AppendMember(b, `,"stage":`, x.Stage.Name)
	b = strconv.AppendInt(append(b, `,"connectedAt":`...), s.ConnectedAt.UnixMilli(), 10)
	b = strconv.AppendInt(append(b, `,"requestTimeEpoch":`...), r.Time.UnixMilli(), 10)
	b = appendSocketIdentity(append(b, `,"identity":`...), x)
	b = AppendMember(b, `,"requestId":`, r.ID)
	b = AppendMember(b, `,"domainName":`, r.Host)
	b = AppendMember(b, `,"connectionId":`, s.ConnectionID)
	return append(AppendMember(b, `,"apiId":`, x.Stage.APIID), '}')
}

// socketIdentity are the members of requestContext.identity; those that are not known are left out.
var socketIdentity = [...]string{
	"accountId", "accessKey", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType", "cognitoIdentityId",
	"cognitoIdentityPoolId", "principalOrgId", "user", "userArn", "apiKey", "apiKeyId", "userAgent", "sourceIp",
}

func appendSocketIdentity(b []byte, x *apigw.Exchange) []byte {
	n := 0
	for _, name := range socketIdentity {
		if v, ok := x.Context("identity." + name); ok {
			b = AppendString(append(b, opening(n)), name)
			b = AppendString(append(b, ':'), v)
			n++
		}
	}
	if n == 0 {
		b = append(b, '{')
	}
	return append(b, '}')
}
