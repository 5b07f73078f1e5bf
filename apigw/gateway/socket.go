package gateway

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"slices"

	"postern/apigw"
	"postern/apigw/websocket"
)

// A socketClient is what is kept of who opened a connection, for all that comes through it.
type socketClient struct {
	host, sourceIP, userAgent, protocol string
	basePath                            string
	secure, customDomain                bool

	identity      apigw.Identity
	authorization *apigw.Authorization
	authorizer    apigw.Call
}

// SocketHosts are the hosts of the WebSocket APIs that are served, without ports: functions call back there.
func (g *Gateway) SocketHosts() (all []string) {
	for api := range g.stages.sockets() {
		all = append(all, hostFor(api, ""))
	}
	slices.Sort(all)
	return all
}

// exchangeSocket serves a request to a WebSocket API: one that opens a connection, or one about a
// connection that is open. The API has the one request id that REST APIs call the extended one.
func (g *Gateway) exchangeSocket(w http.ResponseWriter, r *http.Request, x *apigw.Exchange, t target) (status int) {
	x.Request.ID = x.Request.ExtendedID
	w.Header()["x-amzn-RequestId"] = []string{x.Request.ID}
	x.Request.SetHeaders(r.Header, func() string { return g.newTraceID(x.Request.Time) })
	x.Request.SetHeaderNames(spelling(r, t.domain))
	if refused := g.enterStage(x, t); refused != nil {
		return g.refuse(w, x, t, refused)
	}
	if id, ok := connectionOf(t.path); ok {
		return g.manage(w, r, x, id)
	}
	if t.path != "/" {
		return writeMessage(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
	}
	if !websocket.Wanted(r) {
		return writeMissingToken(w)
	}
	if status := websocket.Check(r); status != 0 {
		w.Header()["Sec-WebSocket-Version"] = []string{"13"}
		return writeMessage(w, status, "BadRequestException", http.StatusText(status))
	}
	return g.connect(w, r, x)
}

func writeMissingToken(w http.ResponseWriter) int {
	return writeMessage(w, http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

// connect runs the route $connect, and opens the connection if nothing there is against it.
func (g *Gateway) connect(w http.ResponseWriter, r *http.Request, x *apigw.Exchange) (status int) {
	x.Socket = &apigw.Socket{
		ConnectionID: g.newExtendedID(), ConnectedAt: x.Request.Time, EventType: apigw.SocketConnect, UserAgent: x.Request.UserAgent(),
	}
	x.Request.Path = "/"
	if x.Method, _ = x.Stage.Routes.Route("", apigw.ConnectRoute, nil); x.Method != nil {
		g.openLog(x)
		if err := g.steps(r.Context(), x); err != nil {
			g.rejectSocket(r.Context(), x, err)
		}
	}
	if x.Response.Status == 0 { // nothing answers
		x.Response.Status = http.StatusOK
	}
	defer func() { g.logSocket(x) }()
	if x.Rejection != nil {
		return writeResponse(w, r, x)
	}
	if x.Response.Status < 200 || x.Response.Status > 299 {
		x.Response = apigw.Response{Status: x.Response.Status, Body: socketError(x, http.StatusText(x.Response.Status))}
		return writeResponse(w, r, x)
	}
	return g.open(w, r, x)
}

// open answers 101. Of what the integration answered only the subprotocol counts, if the client offered it.
func (g *Gateway) open(w http.ResponseWriter, r *http.Request, x *apigw.Exchange) (status int) {
	q := &x.Request
	start := websocket.Start{
		ID: x.Socket.ConnectionID, API: x.Stage.APIID, Stage: x.Stage.Name, Opened: x.Socket.ConnectedAt,
		Header: http.Header{"x-amzn-RequestId": {q.ID}},
		Client: &socketClient{
			host: q.Host, sourceIP: q.SourceIP, userAgent: x.Socket.UserAgent, protocol: q.Protocol, basePath: q.BasePath,
			secure: q.Secure, customDomain: q.CustomDomain,
			identity: x.Identity, authorization: x.Authorization, authorizer: x.Authorizer,
		},
	}
	if name := x.Response.Header.Get("Sec-WebSocket-Protocol"); slices.Contains(websocket.Offered(r), name) {
		start.Protocol = name
	}
	switch err := g.sockets.Open(w, r, start); {
	case errors.Is(err, websocket.ErrClosed):
		return writeMessage(w, http.StatusServiceUnavailable, "ServiceUnavailableException", "Service Unavailable")
	case err != nil:
		g.o.Logger.Debug("no connection was opened", "request_id", q.ID, "api", x.Stage.APIID, "error", err)
	default: // a stage that ended meanwhile did not find the connection
		if _, err := g.stages.find(r.Context(), stageKey{start.API, start.Stage}); err != nil {
			g.sockets.CloseStage(start.API, start.Stage)
		}
	}
	return http.StatusSwitchingProtocols
}

// rejectSocket makes the answer to a request that opens no connection: as a REST API's where it is refused
// before the integration is called, with the ids of messages' errors where something failed.
func (g *Gateway) rejectSocket(ctx context.Context, x *apigw.Exchange, err error) {
	r := x.Reject(err)
	g.noteRejection(ctx, x, r)
	renderRejection(x, r)
	if apigw.ResponseTypes[r.Type].Executing {
		x.Response.Body = socketError(x, r.Text())
	}
}

// Message serves a message, as a websocket.Handler.
func (g *Gateway) Message(ctx context.Context, c *websocket.Conn, text []byte) {
	defer g.survive(c)
	x := g.socketExchange(ctx, c, apigw.Socket{EventType: apigw.SocketMessage, MessageID: g.newExtendedID()})
	if x == nil {
		return // the stage ends, and the connection with it
	}
	x.Request.Body = text
	answer, err := g.route(ctx, x)
	if err != nil {
		r := x.Reject(err)
		g.noteRejection(ctx, x, r)
		x.Response = apigw.Response{Status: r.StatusCode(), Body: socketError(x, r.Text())}
		answer = true
	}
	if answer && len(x.Response.Body) > 0 {
		c.Answer(x.Response.Body)
	} else {
		x.Response.Body = nil
	}
	g.logSocket(x)
}

// route runs the route that a message is for; answer says that the client gets what came of it.
func (g *Gateway) route(ctx context.Context, x *apigw.Exchange) (answer bool, err error) {
	key := x.Stage.Select(x)
	if key != apigw.ConnectRoute && key != apigw.DisconnectRoute {
		x.Method, _ = x.Stage.Routes.Route("", key, nil)
	}
	if x.Method == nil {
		x.Method, _ = x.Stage.Routes.Route("", apigw.DefaultRoute, nil)
	}
	if x.Method == nil {
		return false, errNoRoute
	}
	g.openLog(x)
	if err := g.steps(ctx, x); err != nil {
		if errors.Is(err, apigw.ErrNotPermitted) { // recorded: facts/websocket.md §5
			return false, &apigw.Rejection{Type: apigw.AccessDenied, Message: "Forbidden", Err: err}
		}
		return false, err
	}
	return x.Method.TwoWay, nil
}

// errNoRoute is for messages that no route is for (recorded: facts/websocket.md §5).
var errNoRoute = &apigw.Rejection{Type: apigw.AccessDenied, Message: "Forbidden"}

// Disconnected runs the route $disconnect, as a websocket.Handler. Nobody gets what comes of it.
func (g *Gateway) Disconnected(ctx context.Context, c *websocket.Conn, end websocket.End) {
	defer g.survive(c)
	x := g.socketExchange(ctx, c, apigw.Socket{EventType: apigw.SocketDisconnect, DisconnectStatus: end.Status, DisconnectReason: end.Reason})
	if x == nil {
		return
	}
	if x.Method, _ = x.Stage.Routes.Route("", apigw.DisconnectRoute, nil); x.Method != nil {
		g.openLog(x)
		if err := g.steps(ctx, x); err != nil {
			r := x.Reject(err)
			g.noteRejection(ctx, x, r)
			x.Response.Status = r.StatusCode()
		}
	}
	x.Response.Body = nil
	g.logSocket(x)
}

// survive keeps a panic from ending the program, as net/http does for requests.
func (g *Gateway) survive(c *websocket.Conn) {
	if p := recover(); p != nil {
		g.o.Logger.Error("panic", "api", c.API, "stage", c.Stage, "connection", c.ID, "error", p, "stack", string(debug.Stack()))
	}
}

// socketExchange is what comes through a connection, for the stage as it is deployed now; nil where it
// is not there any more.
func (g *Gateway) socketExchange(ctx context.Context, c *websocket.Conn, s apigw.Socket) *apigw.Exchange {
	stage, err := g.stages.find(ctx, stageKey{c.API, c.Stage})
	if err != nil {
		g.o.Logger.Debug("no stage for a connection", "api", c.API, "stage", c.Stage, "connection", c.ID, "error", err)
		return nil
	}
	from := c.Client.(*socketClient)
	s.ConnectionID, s.ConnectedAt, s.UserAgent = c.ID, c.Opened, from.userAgent
	id := g.newExtendedID()
	x := &apigw.Exchange{
		Now: g.o.Now, Stage: stage, Socket: &s, Identity: from.identity, Authorization: from.authorization, Authorizer: from.authorizer,
		Request: apigw.Request{
			ID: id, ExtendedID: id, Time: g.o.Now(), Verb: http.MethodPost, Path: "/", StagePath: "/" + stage.Name, Protocol: from.protocol,
			Host: from.host, SourceIP: from.sourceIP, Secure: from.secure, CustomDomain: from.customDomain, BasePath: from.basePath,
		},
	}
	x.Request.SetHeaders(messageHeader, func() string { return g.newTraceID(x.Request.Time) })
	return x
}

// messageHeader is what HTTP backends are told of messages. (What AWS tells them is not documented.)
var messageHeader = http.Header{"Content-Type": {defaultType}}

// socketError is the frame that tells a client that its message failed (recorded, with its blanks:
// facts/websocket.md §5).
func socketError(x *apigw.Exchange, message string) []byte {
	return []byte(`{"message": ` + quote(message) + `, "connectionId":"` + x.Socket.ConnectionID + `", "requestId":"` + x.Request.ID + `"}`)
}

// logSocket writes what is logged of an event of a connection.
func (g *Gateway) logSocket(x *apigw.Exchange) {
	status := x.Response.Status
	if status == 0 {
		status = http.StatusOK
	}
	if x.Method != nil {
		if x.Rejection == nil {
			logAnswer(x)
		}
		endLog(x, status)
		g.writeLog(x)
	}
	if x.Stage.AccessLog != nil && g.o.Logs != nil {
		g.writeAccess(x, status, int64(len(x.Response.Body)))
	}
	if x.Socket.EventType != apigw.SocketConnect { // whose request is logged like any other
		g.logRequest(context.Background(), x, target{api: x.Stage.APIID, stage: x.Stage.Name}, status, g.o.Now().Sub(x.Request.Time))
	}
}
