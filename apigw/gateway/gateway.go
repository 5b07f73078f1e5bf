package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"postern/apigw"
	"postern/apigw/domain"
	"postern/apigw/websocket"
)

// maxPayload is the largest request body an API takes.
const maxPayload = 10485760

// Options are what a Gateway works with.
type Options struct {
	// Load compiles a stage that was deployed before this start. It returns
	// apigw.ErrAPINotFound or apigw.ErrStageNotFound for what is not there.
	Load func(ctx context.Context, apiID, stage string) (*apigw.Stage, error)
	// Domains are the custom domain names that are served; nil: none.
	Domains *domain.Registry
	// VPCEndpoints are the VPCs of endpoints, by their ids; ClientVPCEndpoint is the one that
	// requests come through whose URL names none, "" for none.
	VPCEndpoints      map[string]string
	ClientVPCEndpoint string

	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	Random func() uint64    // for ids; nil is math/rand/v2
	Logs   Logs             // of the stages that have any switched on; nil: nobody's

	// How long a WebSocket may be idle, and open; 0 is AWS's 10 minutes and 2 hours.
	SocketIdle, SocketDuration time.Duration
}

// A Gateway serves published stages.
type Gateway struct {
	o       Options
	stages  stages
	sockets *websocket.Hub
}

// New makes a Gateway that serves nothing yet.
func New(o Options) *Gateway {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Uint64
	}
	if o.Domains == nil {
		o.Domains = new(domain.Registry)
	}
	g := &Gateway{o: o, stages: stages{load: o.Load}}
	g.sockets = websocket.New(websocket.Options{Handler: g, Idle: o.SocketIdle, Longest: o.SocketDuration, Now: o.Now})
	return g
}

// Close ends all WebSockets and waits until their messages are served, but not longer than ctx.
func (g *Gateway) Close(ctx context.Context) { g.sockets.Close(ctx) }

// TryServe answers a request whose URL is an invoke URL, and tells whether it is.
func (g *Gateway) TryServe(w http.ResponseWriter, r *http.Request) bool {
	t, ok := g.parse(r)
	switch {
	case ok && t.domain != nil && t.domain.Handler != nil:
		t.domain.Handler.ServeHTTP(w, r)
	case ok:
		g.serve(w, r, t)
	}
	return ok
}

// Publish serves a stage from now on, in place of the one of that name.
func (g *Gateway) Publish(stage *apigw.Stage) { g.stages.publish(stage) }

// Unpublish ends a stage; "" for stage ends all of the API, "" for both all there are.
func (g *Gateway) Unpublish(apiID, stage string) {
	g.sockets.CloseStage(apiID, stage)
	g.stages.unpublish(apiID, stage)
}

// FlushAuthorizers makes a stage, and its canary, forget what authorizers have said. A stage that
// was not called since the start remembers nothing.
func (g *Gateway) FlushAuthorizers(apiID, stage string) {
	found, ok := g.stages.live.Load(stageKey{apiID, stage})
	if !ok {
		return
	}
	s := found.(*apigw.Stage)
	if s.FlushAuthorizers != nil {
		s.FlushAuthorizers()
	}
	if s.Canary != nil && s.Canary.Stage.FlushAuthorizers != nil {
		s.Canary.Stage.FlushAuthorizers()
	}
}

// ServeHTTP is TryServe for who knows that it is one.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, _ := g.parse(r)
	g.serve(w, r, t)
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, t target) {
	now := g.o.Now()
	x := &apigw.Exchange{Now: g.o.Now, Request: apigw.Request{
		ID: g.newRequestID(), ExtendedID: g.newExtendedID(), Time: now,
		Verb: r.Method, Path: t.path, StagePath: t.full, RawQuery: r.URL.RawQuery, Protocol: r.Proto,
		Host: t.host, SourceIP: sourceIP(r.RemoteAddr), Secure: r.TLS != nil, HTTP: r,
		CustomDomain: t.domain != nil, BasePath: t.basePath, RoutingRule: t.rule,
	}}
	identify(w.Header(), x)
	status := g.exchange(w, r, x, t)
	if g.o.Logger.Enabled(r.Context(), slog.LevelInfo) {
		g.logRequest(r.Context(), x, t, status, g.o.Now().Sub(now))
	}
	if cut := x.Response.Cut; cut != nil {
		g.o.Logger.Warn("answer cut off", "request_id", x.Request.ID, "api", t.api, "stage", t.stage, "error", cut)
		panic(http.ErrAbortHandler) // or the client would take what it has for the whole
	}
}

// exchange finds the stage, runs the call and writes the answer.
func (g *Gateway) exchange(w http.ResponseWriter, r *http.Request, x *apigw.Exchange, t target) (status int) {
	if status, done := healthy(w, t); done {
		return status
	}
	if t.domain != nil {
		if refused := g.enterDomain(r, x, t); refused != nil {
			return g.refuse(w, x, t, refused)
		}
	} else if t.api == "" {
		return g.refuse(w, x, t, &refusal{http.StatusForbidden, errNoAPI})
	}
	stage, err := g.find(r.Context(), x, &t)
	if err != nil {
		return g.refuseUnknown(w, x, t, err)
	}
	if t.function != (stage.Protocol == apigw.FunctionURL) {
		return g.refuseUnknown(w, x, t, apigw.ErrAPINotFound)
	}
	if c := stage.Canary; c != nil && g.percent() < c.Percent {
		stage, x.Canary = c.Stage, true
	}
	x.Stage = stage
	if stage.Protocol == apigw.WebSocket {
		return g.exchangeSocket(w, r, x, t)
	}
	switch stage.Protocol {
	case apigw.HTTP:
		identifyHTTP(w.Header(), x)
	case apigw.FunctionURL:
		delete(w.Header(), "x-amz-apigw-id")
		addTLS(r.Header, r)
	}
	if stage.AccessLog != nil && g.o.Logs != nil {
		counted := &counter{ResponseWriter: w}
		w = counted
		defer func() { g.writeAccess(x, status, counted.n) }()
	}
	if edge(stage, t) {
		x.Request.EdgeID = g.newEdgeID()
	}
	x.Request.SetHeaders(r.Header, func() string { return g.newTraceID(x.Request.Time) })
	x.Request.SetHeaderNames(spelling(r, t.domain))
	if refused := g.enterStage(x, t); refused != nil {
		return g.refuse(w, x, t, refused)
	}
	err = readBody(r, &x.Request)
	switch {
	case stage.Protocol == apigw.HTTP:
		err = tooLarge(r, err)
	case err != nil:
		return refuseBody(w, err)
	}
	defer func() {
		if s := x.Response.Stream; s != nil {
			s.Close()
		}
	}()
	if err == nil {
		err = g.run(r.Context(), x)
	}
	if err != nil {
		g.reject(r.Context(), x, err)
	}
	if stage.Protocol == apigw.REST || stage.Protocol == apigw.FunctionURL {
		g.trace(x)
	}
	if stage.Finish != nil {
		stage.Finish(x)
	}
	if x.Rejection == nil {
		logAnswer(x)
		if stage.MinimumCompressionSize != nil {
			compress(x, r.Header["Accept-Encoding"])
		}
	}
	status = writeResponse(w, r, x)
	endLog(x, status)
	g.writeLog(x)
	return status
}

// reject makes the gateway response of a call that ended early.
func (g *Gateway) reject(ctx context.Context, x *apigw.Exchange, err error) {
	rejection := x.Reject(err)
	g.noteRejection(ctx, x, rejection)
	switch x.Stage.Protocol {
	case apigw.HTTP:
		renderHTTP(x, rejection)
	case apigw.FunctionURL:
		renderURL(x, rejection)
	default:
		renderRejection(x, rejection)
	}
}

// noteRejection logs why a call ended early.
func (g *Gateway) noteRejection(ctx context.Context, x *apigw.Exchange, r *apigw.Rejection) {
	g.logRejection(ctx, x, r)
	if line := r.LogLine(); line != "" {
		x.Log.Printf("%s", line)
	}
}

// percent is a random number in [0, 100).
func (g *Gateway) percent() float64 { return float64(g.o.Random()>>11) / (1 << 53) * 100 }

// run routes the request and serves it.
func (g *Gateway) run(ctx context.Context, x *apigw.Exchange) error {
	if x.Stage.Preflight != nil && x.Stage.Preflight(x) {
		return nil
	}
	if known(x.Request.Verb) {
		x.Method, x.Request.PathValues = x.Stage.Routes.Route(x.Request.Verb, x.Request.Path, nil)
	}
	if x.Method == nil {
		if x.Stage.Protocol == apigw.HTTP {
			return &apigw.Rejection{Type: apigw.ResourceNotFound}
		}
		return unrouted(x)
	}
	g.openLog(x)
	return g.steps(ctx, x)
}

// steps takes the method's steps.
func (g *Gateway) steps(ctx context.Context, x *apigw.Exchange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	plain := x.Stage.MinimumCompressionSize == nil || x.Request.Test != nil
	for i := range x.Method.Steps {
		if !plain && !admits(x.Method.Steps[i].Name) {
			if err := decompress(x); err != nil {
				return err
			}
			plain = true
		}
		if err := x.Method.Steps[i].Run(ctx, x); err != nil {
			if errors.Is(err, apigw.ErrAnswered) {
				return nil
			}
			return err
		}
	}
	return nil
}

// readBody reads the payload into x.
func readBody(r *http.Request, x *apigw.Request) (err error) {
	if r.ContentLength == 0 || r.Body == nil {
		return nil
	}
	if r.ContentLength > maxPayload {
		return &http.MaxBytesError{Limit: maxPayload}
	}
	if r.ContentLength > 0 {
		x.Body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, x.Body)
		return err
	}
	x.Body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxPayload))
	return err
}

// refuseBody answers for a payload that could not be read: recorded of AWS's front,
// which knows no gateway responses.
func refuseBody(w http.ResponseWriter, err error) int {
	var large *http.MaxBytesError
	if !errors.As(err, &large) {
		return writeMessage(w, http.StatusBadRequest, "BadRequestException", "Bad Request")
	}
	text := fmt.Sprintf("HTTP content length exceeded %d bytes.", maxPayload)
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusRequestEntityTooLarge)
	io.WriteString(w, text)
	return http.StatusRequestEntityTooLarge
}

// refuseUnknown answers for a stage that is not there. Unlike AWS, where the host of
// an API that does not exist has no meaning at all, an unknown API is told apart from
// an unknown stage: it is the commoner mistake here.
func (g *Gateway) refuseUnknown(w http.ResponseWriter, x *apigw.Exchange, t target, err error) int {
	switch {
	case t.function && (errors.Is(err, apigw.ErrStageNotFound) || errors.Is(err, apigw.ErrAPINotFound)):
		return refuseURL(w)
	case errors.Is(err, apigw.ErrHTTPStageNotFound):
		x.Stage = &apigw.Stage{Protocol: apigw.HTTP, APIID: t.api, Name: t.stage}
		return refuseHTTP(w, x, &apigw.Rejection{Type: apigw.ResourceNotFound})
	case errors.Is(err, apigw.ErrStageNotFound), t.domain != nil && errors.Is(err, apigw.ErrAPINotFound):
		return writeMessage(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
	case errors.Is(err, apigw.ErrAPINotFound):
		return writeMessage(w, http.StatusNotFound, "NotFoundException",
			fmt.Sprintf("The API id '%s' does not correspond to a deployed API Gateway API", t.api))
	}
	g.o.Logger.Error("stage cannot be served", "request_id", x.Request.ID, "api", t.api, "stage", t.stage, "error", err)
	return writeMessage(w, http.StatusInternalServerError, "InternalServerErrorException", "Internal server error")
}

func sourceIP(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// logRequest writes the one line of a request.
func (g *Gateway) logRequest(ctx context.Context, x *apigw.Exchange, t target, status int, took time.Duration) {
	route, stage := "", t.stage
	if x.Method != nil {
		if route = x.Method.RouteKey; route == "" {
			route = x.Method.Verb + " " + x.Method.ResourcePath
		}
	}
	if x.Stage != nil {
		stage = x.Stage.Name
	}
	g.o.Logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request_id", x.Request.ID), slog.String("api", t.api),
		slog.String("stage", stage), slog.String("route", route), slog.Int("status", status), slog.Duration("took", took))
}

// logRejection says why a call ended early, which the client is not told. What only
// the API's owner can mend is a warning, what is not an AWS error is ours.
func (g *Gateway) logRejection(ctx context.Context, x *apigw.Exchange, r *apigw.Rejection) {
	if r.Err == nil {
		return
	}
	level := slog.LevelWarn
	if r.Type == apigw.Default5XX && r.Status == 0 {
		level = slog.LevelError
	}
	g.o.Logger.LogAttrs(ctx, level, "Execution failed", slog.String("request_id", x.Request.ID), slog.String("api", x.Stage.APIID),
		slog.String("stage", x.Stage.Name), slog.String("path", x.Request.Path), slog.String("type", r.Type), slog.String("error", r.Err.Error()))
}
