package gateway

import (
	"strings"

	"postern/apigw"
)

// trace adds the trace id to an answer that shows it.
func (g *Gateway) trace(x *apigw.Exchange) {
	if res := &x.Response; res.Traced && !res.Header.Has("X-Amzn-Trace-Id") {
		res.Header.Add("X-Amzn-Trace-Id", g.answerTrace(x))
	}
}

// answerTrace is the X-Amzn-Trace-Id of an answer that a backend had a part in: a trace with
// a parent as the client sent it; a client's trace without one, or that of a function, with
// a new parent. (Recorded: facts/rest-dataplane.md §4.)
//
// Unlike AWS, a function's trace has no Lineage, whose form nothing confirms.
func (g *Gateway) answerTrace(x *apigw.Exchange) string {
	id := x.Request.TraceID()
	if strings.Contains(id, "Parent=") || x.Request.BeganTrace() && !x.Response.Function && !x.Stage.Tracing {
		return id
	}
	id += ";Parent=" + g.newSegmentID()
	switch {
	case strings.Contains(id, "Sampled="):
	case x.Stage.Tracing:
		id += ";Sampled=1"
	case x.Response.Function:
		id += ";Sampled=0"
	}
	return id
}
