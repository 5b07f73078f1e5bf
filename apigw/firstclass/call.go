package firstclass

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"postern/apigw"
	"postern/apigw/httpapi"
	"postern/apigw/integration"
)

// A Call calls the action of a subtype.
type Call struct {
	Subtype    *Subtype
	Parameters []Parameter
	Service    integration.Service
	Region     string // of the API; the parameter Region goes before it
}

// A Parameter is one request parameter of the integration.
type Parameter struct {
	Name  string
	Value httpapi.Expression
}

// values are parameters by name, as a request has them.
type values map[string]string

// A request is what a service is to be asked, without what is the same for all.
type request struct {
	verb, path string // the path is encoded
	query      apigw.Params
	header     apigw.Header
	body       []byte
}

// Run calls the service and makes the answer of what it says.
//
// A service that answers with an error makes the API answer 500 Internal Server Error, whatever its status:
// recorded on AWS with Kinesis, whose 400 for a stream that does not exist becomes 500. (LocalStack's
// test_apigw_v2_http_kinesis_put_record_no_stream, validated against AWS.)
func (c *Call) Run(ctx context.Context, x *apigw.Exchange) error {
	given, err := c.resolve(x)
	if err != nil {
		return err
	}
	r, err := c.Subtype.encode(given)
	if err != nil {
		return badRequest(err)
	}
	at := c.Region
	if other := given[region]; other != "" {
		at = other
	}
	x.Endpoint.Request = apigw.EndpointRequest{
		Verb: r.verb, URI: "arn:aws:apigateway:" + at + ":" + c.Subtype.service + ":path" + r.path,
		Query: r.query, Header: r.header, Body: r.body,
	}
	if err := c.Service.Call(ctx, x); err != nil {
		return err
	}
	if err := failure(x); err != nil {
		return err
	}
	x.Response.Traced = false // HTTP APIs do not show it
	httpapi.Respond(x)
	return nil
}

// resolve evaluates the parameters. One that leads to nothing, or to no more than an empty string, is
// a bad request, be it required or not (recorded: the same test).
func (c *Call) resolve(x *apigw.Exchange) (values, error) {
	given := make(values, len(c.Parameters))
	for _, p := range c.Parameters {
		resolve := p.Value.Resolve
		if s := strings.TrimSpace(p.Value.String()); s != "" && (s[0] == '{' || s[0] == '[') {
			resolve = p.Value.ResolveJSON
		}
		v, ok := resolve(x)
		if !ok || v == "" {
			x.Endpoint.Call.Error = "Unable to resolve property " + p.Name + " from source " + p.Value.String()
			return nil, badRequest(errors.New(x.Endpoint.Call.Error))
		}
		given[p.Name] = v
	}
	return given, nil
}

func badRequest(err error) *apigw.Rejection {
	return &apigw.Rejection{Type: apigw.BadRequestParameters, Message: "Bad Request", Err: err}
}

// failure is the Rejection of what the service refused, nil where it did not.
func failure(x *apigw.Exchange) error {
	in := &x.Endpoint.Response
	if in.Status < http.StatusBadRequest {
		return nil
	}
	x.Endpoint.Call.Error = errorText(in.Body)
	return &apigw.Rejection{
		Type: apigw.Default5XX, Err: fmt.Errorf("the service answered %d: %s", in.Status, x.Endpoint.Call.Error),
	}
}

// errorText is the message in a service's error, or all of it.
func errorText(body []byte) string {
	var said struct {
		Message string // any case of it
	}
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		return said.Message
	}
	var document struct {
		Message string `xml:"Error>Message"`
	}
	if xml.Unmarshal(body, &document) == nil && document.Message != "" {
		return document.Message
	}
	return string(body[:min(len(body), 500)])
}
