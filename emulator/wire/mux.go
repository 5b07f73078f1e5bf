package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
)

// Options are what a Mux works with.
type Options struct {
	Services      []Service
	Logger        *slog.Logger // nil discards
	DefaultRegion string       // of requests that name none; "" is us-east-1

	// Verify refuses requests that were not signed with a key that Secret knows.
	Verify bool
	Secret func(ctx context.Context, accessKeyID string) (secret string, ok bool)
	// Token is the session token that requests of a temporary key must bring, "" for
	// others. Nil knows none.
	Token func(ctx context.Context, accessKeyID string) string
	// Account names the account of an access key that is not itself an account id;
	// "" is the default account. Nil knows none.
	Account func(ctx context.Context, accessKeyID string) string

	Now   func() time.Time // nil is time.Now
	NewID func() string    // of requests; nil is a random UUID
}

// A Mux answers management requests of all services.
type Mux struct {
	o       Options
	rest    map[string]*router           // by method, first segment and number of segments
	byName  map[string]map[string]*route // signing name → operation → route, for the other protocols
	targets map[string]string            // X-Amz-Target prefix → signing name
	codecs  map[string]*codec            // by SDK package name
}

// A router matches the paths of one shape. It is made when such a path first comes:
// compiling the patterns of all operations would take longer than everything else at
// start-up together.
type router struct {
	once   sync.Once
	routes []*route
	mux    *mux.Router
}

// A route is one operation, ready to be called.
type route struct {
	codec     *codec
	spec      *spec
	operation Operation // empty for one that is not served
	reason    string    // why it is not
	status    int

	once     sync.Once       // fills what follows, at the first request
	bound    map[string]bool // input fields that are not in the body
	outBound map[string]bool // output fields that are not
	named    map[string]bool // query parameters that a query map must not take
}

// NewMux makes a Mux. Operations of a known service that no Service serves are
// answered with 501.
func NewMux(o Options) *Mux {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.DefaultRegion == "" {
		o.DefaultRegion = "us-east-1"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	m := &Mux{o: o, rest: map[string]*router{}, byName: map[string]map[string]*route{}, targets: map[string]string{}, codecs: map[string]*codec{}}
	for _, t := range tables {
		m.add(t)
	}
	return m
}

// add registers all operations of a table, served or not.
func (m *Mux) add(t *table) {
	c := newCodec(t)
	m.codecs[t.service] = c
	var served Service
	for _, s := range m.o.Services {
		if tableOf(s.Name) == t {
			served = s
		}
	}
	operations := map[string]Operation{}
	for _, op := range served.Operations {
		operations[op.Name] = op
	}
	if t.target != "" {
		m.targets[t.target] = t.signing
	}
	for i := range t.operations {
		op := &t.operations[i]
		r := newRoute(c, op, operations[op.name], served.Unsupported[op.name])
		if t.protocol == restJSON {
			m.addREST(r)
			continue
		}
		if m.byName[t.signing] == nil {
			m.byName[t.signing] = map[string]*route{}
		}
		m.byName[t.signing][op.name] = r
	}
}

func newRoute(c *codec, op *spec, operation Operation, reason string) *route {
	return &route{codec: c, spec: op, operation: operation, reason: reason, status: successStatus(c.table, op)}
}

// prepare looks up what every request of the operation needs.
func (r *route) prepare() {
	r.bound, r.outBound, r.named = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, b := range r.spec.in {
		r.bound[b.field] = true
		if b.kind == query {
			r.named[b.name] = true
		}
	}
	for _, b := range r.spec.out {
		r.outBound[b.field] = true
	}
	if _, literal, ok := strings.Cut(r.spec.uri, "?"); ok {
		name, _, _ := strings.Cut(literal, "=")
		r.named[name] = true
	}
}

// addREST puts a route with those of its shape. A flat list of all operations would
// cost more to match than everything else in a request together.
func (m *Mux) addREST(r *route) {
	path, _, _ := strings.Cut(r.spec.uri, "?")
	key := routerKey(r.spec.method, strings.TrimSuffix(path, "/"))
	if m.rest[key] == nil {
		m.rest[key] = &router{}
	}
	m.rest[key].routes = append(m.rest[key].routes, r)
}

// match finds the route of a request among those of its shape.
func (s *router) match(r *http.Request) (*route, map[string]string) {
	s.once.Do(func() {
		s.mux = mux.NewRouter().UseEncodedPath().SkipClean(true)
		for _, r := range s.routes {
			s.add(r)
		}
	})
	var match mux.RouteMatch
	if !s.mux.Match(r, &match) || match.MatchErr != nil {
		return nil, nil
	}
	return match.Handler.(*route), match.Vars
}

func (s *router) add(r *route) {
	path, literal, _ := strings.Cut(r.spec.uri, "?")
	template := strings.TrimSuffix(path, "/")
	for _, b := range r.spec.in {
		if b.kind == label {
			variable := "{" + labelVariable(b.name) + "}"
			template = strings.NewReplacer("{"+b.name+"}", variable, "{"+b.name+"+}", variable).Replace(template)
		}
	}
	entry := s.mux.NewRoute().Path(template)
	if name, value, ok := strings.Cut(literal, "="); ok {
		entry = entry.Queries(name, value)
	} else {
		entry = entry.MatcherFunc(withoutLiteral)
	}
	entry.Handler(r)
}

// withoutLiteral keeps routes from taking the requests of their twins that a literal
// query tells apart: gorilla/mux takes the first route that matches.
func withoutLiteral(r *http.Request, _ *mux.RouteMatch) bool {
	q := r.URL.RawQuery
	return !strings.Contains(q, "mode=import") && !strings.Contains(q, "find=LayerVersion") && !strings.Contains(q, "List=ALL")
}

// routerKey is the shape of a path: method, first segment, how many segments.
func routerKey(method, path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return method + " " + first + " " + string(rune('0'+strings.Count(path, "/")))
}

// ServeHTTP is not called: a route is what a router finds, and serve runs it.
func (r *route) ServeHTTP(http.ResponseWriter, *http.Request) {}

// ServeHTTP answers a management request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := m.o.NewID()
	w.Header().Set("x-amzn-RequestId", id)
	c := m.codecs["apigateway"]
	defer func() { m.recovered(w, r, c, id, recover()) }()
	sig := parseScope(r)
	call, err := m.find(r, sig)
	if err != nil {
		m.refuseUnrouted(w, r, sig, err, id)
		return
	}
	c = call.route.codec
	caller := m.callerOf(r, sig, id)
	caller.Body = call.body
	ctx := WithCaller(r.Context(), caller)
	if m.o.Verify {
		if err := m.checkSignature(ctx, r, call); err != nil {
			m.refuse(w, r, c, err, id)
			return
		}
	}
	m.serve(w, r.WithContext(ctx), call, id)
}

// A call is a request that was routed: its operation, its body, its form.
type call struct {
	route *route
	req   *http.Request // with the labels as mux.Vars
	body  []byte
	form  url.Values // of a Query request
}

// serve decodes, validates, performs and answers.
func (m *Mux) serve(w http.ResponseWriter, r *http.Request, call *call, id string) {
	o, c := call.route, call.route.codec
	o.once.Do(o.prepare)
	if o.operation.newInput == nil {
		m.refuse(w, r, c, notServed(o), id)
		return
	}
	in := o.operation.newInput()
	v := reflect.ValueOf(in).Elem()
	if err := c.decode(call, v); err != nil {
		m.refuse(w, r, c, c.unreadable(err), id)
		return
	}
	if text := c.validate(o, v); text != "" {
		m.refuse(w, r, c, c.invalid(text), id)
		return
	}
	out, events, err := o.operation.perform(r.Context(), in)
	switch {
	case err != nil:
		m.refuse(w, r, c, err, id)
	case o.operation.stream != nil:
		m.answerStream(w, r, o, reflect.ValueOf(out).Elem(), events, id)
	default:
		c.answer(w, o, reflect.ValueOf(out).Elem(), id)
	}
}

func (op *Operation) perform(ctx context.Context, in any) (any, Events, error) {
	if op.stream != nil {
		return op.stream(ctx, in)
	}
	out, err := op.call(ctx, in)
	return out, nil, err
}

func (c *codec) decode(call *call, v reflect.Value) error {
	switch c.protocol {
	case awsQuery:
		return c.decodeForm(parseForm(call.form), v)
	case json11:
		return c.decodeJSON(call.body, v, nil)
	}
	return c.decodeREST(call.req, call.route, call.body, v)
}

// notServed is the answer for an operation that Postern does not have.
func notServed(o *route) error {
	text := fmt.Sprintf("Postern does not emulate %s of %s", o.spec.name, o.codec.service)
	if o.reason != "" {
		text += ": " + o.reason
	}
	return &Error{Status: http.StatusNotImplemented, Code: "NotImplementedException", Message: text}
}

// unreadable is the error for a body that cannot be decoded.
func (c *codec) unreadable(err error) error {
	code := "SerializationException"
	if c.protocol == awsQuery {
		code = "MalformedInput"
	}
	var wrong *typeError
	if errors.As(err, &wrong) {
		return &Error{Status: 400, Code: code, Message: wrong.text}
	}
	return &Error{Status: 400, Code: code, Message: err.Error()}
}

// invalid is the error for members that are missing or not one of their values.
func (c *codec) invalid(text string) error {
	switch c.service {
	case "cloudwatchlogs":
		return &Error{Status: 400, Code: "InvalidParameterException", Message: text}
	case "iam", "sts":
		return &Error{Status: 400, Code: "ValidationError", Message: text}
	case "apigatewayv2":
		return &Error{Status: 400, Code: "BadRequestException", Message: text}
	}
	return &Error{Status: 400, Code: "ValidationException", Message: text}
}

// refuse answers with an error; what is no AWS error is logged and hidden.
func (m *Mux) refuse(w http.ResponseWriter, r *http.Request, c *codec, err error, id string) {
	f, ok := c.faultOf(err)
	if !ok && r.Context().Err() != nil && errors.Is(err, r.Context().Err()) {
		return // the caller has left, which is no fault, and reads no answer
	}
	if !ok {
		m.o.Logger.Error("management request failed", "request_id", id, "method", r.Method, "path", r.URL.Path, "error", err)
		f = internal(c, id)
	}
	c.refuse(w, f, id)
}

// internal is what a client sees of a fault of ours.
func internal(c *codec, id string) fault {
	code := "InternalFailure"
	if c.service == "lambda" {
		code = "ServiceException"
	}
	return fault{status: 500, code: code, server: true,
		message: "Internal server error. The server's log has it under request id " + id}
}

// recovered answers for an operation that panicked.
func (m *Mux) recovered(w http.ResponseWriter, r *http.Request, c *codec, id string, p any) {
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	m.o.Logger.Error("management request panicked", "request_id", id, "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
	c.refuse(w, internal(c, id), id)
}
