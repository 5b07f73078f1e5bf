package integration

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postern/apigw"
)

// LogMethodRequest is the step that prints what the client asked, to a log that is there.
func LogMethodRequest(_ context.Context, x *apigw.Exchange) error {
	if x.Log == nil {
		return nil
	}
	r := &x.Request
	x.Log.Printf("Starting execution for request: %s", r.ID)
	if x.Socket != nil {
		x.Log.Printf("WebSocket Request Route: [%s]", x.Method.RouteKey)
	} else {
		x.Log.Printf("HTTP Method: %s, Resource Path: %s", r.Verb, r.Path)
	}
	if x.Identity.APIKey != "" && r.Test == nil {
		x.Log.Printf("API Key: %s", apigw.Mask(x.Identity.APIKey))
		x.Log.Printf("API Key ID: %s", x.Identity.APIKeyID)
	}
	x.Log.Map("Method request path", pathFields(x))
	x.Log.Map("Method request query string", queryFields(r.Query()))
	x.Log.Map("Method request headers", headerFields(r))
	x.Log.Body("Method request body before transformations", r.Body, x.Stage.BinaryMediaTypes.Match(r.ContentType()))
	return nil
}

func pathFields(x *apigw.Exchange) (all []apigw.Field) {
	for name, v := range (pathParams{x}).All() {
		all = append(all, apigw.Field{Name: name, Value: v})
	}
	return all
}

func queryFields(query apigw.Params) (all []apigw.Field) {
	for _, p := range query {
		all = append(all, apigw.Field{Name: p.Name, Value: strings.Join(p.Values, ", ")})
	}
	return all
}

// headerFields is the header as mappings see it. AWS prints it in the order of a hash table.
func headerFields(r *apigw.Request) (all []apigw.Field) {
	header := r.Header()
	for _, name := range slices.Sorted(maps.Keys(header)) {
		all = append(all, apigw.Field{Name: r.HeaderName(name), Value: strings.Join(header[name], ", ")})
	}
	return all
}

// logRequest prints what goes to a backend, right before it does.
func logRequest(x *apigw.Exchange, uri string, header []apigw.Field, body []byte) {
	if x.Log == nil {
		return
	}
	x.Log.Printf("Endpoint request URI: %s", uri)
	x.Log.Map("Endpoint request headers", header)
	x.Log.Body("Endpoint request body after transformations", body, !utf8.Valid(body))
	x.Log.Printf("Sending request to %s", uri)
}

// logResponse prints what came back.
func logResponse(x *apigw.Exchange, header []apigw.Field, body []byte) {
	if x.Log == nil {
		return
	}
	call := &x.Endpoint.Call
	x.Log.Printf("Received response. Status: %d, Integration latency: %d ms", call.Status, call.Latency.Milliseconds())
	x.Log.Map("Endpoint response headers", header)
	if x.Response.Stream == nil { // else nobody has it yet
		x.Log.Body("Endpoint response body before transformations", body, !utf8.Valid(body))
	}
}

// called notes how a backend answered that was asked at a time.
func called(x *apigw.Exchange, since time.Time, status int, requestID string) {
	x.Endpoint.Call = apigw.Call{Made: true, Status: status, Latency: x.Clock().Sub(since), RequestID: requestID}
}
