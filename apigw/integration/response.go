package integration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"postern/apigw"
	"postern/apigw/vtl"
)

// A Response is a method's integration responses: it makes the answer of what the backend said.
type Response struct {
	Choices []Choice // in the order of their statuses
	// Select is what patterns are matched with, of WebSocket APIs; nil: the Selector of what came back.
	Select *Selection
}

// A Choice is one integration response.
type Choice struct {
	Pattern *Pattern // nil: the default response
	Status  int      // 0: what came back has it
	Headers []Mapping
	// Templates of the body; empty ones let it pass as it is.
	Templates *Templates
	Handling  Handling
	// Err is why the response cannot be used: the method has no response of the status, a
	// mapping is none.
	Err error
}

// Run is the step.
func (r *Response) Run(_ context.Context, x *apigw.Exchange) error {
	c, err := r.choose(x)
	if err != nil {
		return err
	}
	if c.Err != nil {
		return c.unusable()
	}
	x.Response.Status = cmp.Or(c.Status, x.Endpoint.Response.Status)
	x.Response.Header = make(apigw.Header, 0, len(c.Headers)+2)
	for _, m := range c.Headers {
		for _, v := range m.Value(x) {
			x.Response.Header.Add(m.Name, v)
		}
	}
	if err := c.body(x); err != nil {
		return err
	}
	if s, ok := x.Templates.(*session); ok {
		overrideResponse(&x.Response, &s.overrides)
	}
	if !x.Response.Header.Has("Content-Type") {
		x.Response.Header.Add("Content-Type", jsonType)
	}
	return nil
}

// unusable is the Rejection of a response that cannot be used.
func (c *Choice) unusable() *apigw.Rejection {
	why := fmt.Errorf("integration response %d: %w", c.Status, c.Err)
	if errors.Is(c.Err, ErrNoMethodResponse) {
		return apigw.ConfigurationError("Output mapping refers to an invalid method response: "+strconv.Itoa(c.Status), why)
	}
	return apigw.Misconfigured("%w", why)
}

// ErrNoMethodResponse is the Err of a Choice whose status the method does not declare.
var ErrNoMethodResponse = errors.New("the method has no response")

// choose takes the first response whose pattern matches the selector, else the default one.
func (r *Response) choose(x *apigw.Exchange) (*Choice, error) {
	from := &x.Endpoint.Response
	selector := from.Selector
	if r.Select != nil {
		selector = nil
		if key, ok := r.Select.Key(x); ok {
			selector = &key
		}
	}
	var standard *Choice
	for i := range r.Choices {
		c := &r.Choices[i]
		switch {
		case c.Pattern != nil && selector != nil:
			matched, err := c.Pattern.Match(*selector)
			if err != nil {
				return nil, apigw.Misconfigured("match with the pattern of integration response %d: %w", c.Status, err)
			}
			if matched {
				return c, nil
			}
		case c.Pattern == nil && standard == nil:
			standard = c
		}
	}
	if standard == nil {
		return nil, apigw.ConfigurationError(fmt.Sprintf("No match for output mapping and no default output mapping configured. Endpoint Response Status Code: %d", from.Status), nil)
	}
	return standard, nil
}

func (c *Choice) body(x *apigw.Exchange) error {
	from := &x.Endpoint.Response
	how := responseConversionFor(x, c.Handling, from.Header.Get("Content-Type"))
	body, err := how.apply(from.Body)
	if err != nil {
		return err
	}
	t := c.Templates.forResponse(x)
	if t == nil {
		x.Response.Body = body
		return nil
	}
	if how.binary() && len(body) > 0 {
		return apigw.ConfigurationError("Unable to transform response", fmt.Errorf("template %s cannot read a binary body", t.key))
	}
	if x.Response.Body, err = t.render(x, body, "Unable to transform response"); err != nil {
		return err
	}
	if !x.Response.Header.Has("Content-Type") {
		x.Response.Header.Add("Content-Type", t.key)
	}
	return nil
}

func responseConversionFor(x *apigw.Exchange, h Handling, contentType string) conversion {
	types := x.Stage.BinaryMediaTypes
	if x.Socket != nil && h == ToText { // there, what comes back is then taken for bytes
		return encode
	}
	if len(types) == 0 {
		return responseConversion(h, false, false)
	}
	return responseConversion(h, types.Match(apigw.MediaType(contentType)), types.Match(x.Request.Accept()))
}

// ProxyContent is the step that follows HTTP_PROXY: no integration response is chosen, but the body
// is still bytes or text by the binary media types. A gzip body that none of them covers is
// spoilt: clients of AWS were seen to get 1F EF BF BD 08 … (sapphirepaw.blogspot.com, 2016-12).
func ProxyContent(_ context.Context, x *apigw.Exchange) error {
	how := responseConversionFor(x, Unset, x.Response.Header.Get("Content-Type"))
	body, err := how.apply(x.Response.Body)
	x.Response.Body = body
	return err
}

// overrideResponse applies what either template has set: the request template's survives
// without any response template (recorded).
func overrideResponse(res *apigw.Response, o *vtl.Overrides) {
	for name, v := range o.ResponseHeader() {
		if name, ok := apigw.Remap(name); ok {
			res.Header.Set(name, v)
		}
	}
	if status, ok := o.ResponseStatus(); ok {
		res.Status = status
	}
}
