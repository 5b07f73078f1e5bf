package integration

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw"
	"postern/apigw/service"
)

// A Service calls an AWS service other than Lambda's functions: Call between request and
// response mapping, Proxy without.
type Service struct {
	Client    *service.Client
	Transport *Transport
	Role      Text // credentials of the integration, empty for none: the request is not signed
	AsCaller  bool // sign with the keys of who called, instead
	Timeout   time.Duration
	APIID     string
}

// Call serves an AWS integration: x.Endpoint.Request, whose URI is the integration's, goes signed
// to the service's endpoint, and what it says is x.Endpoint.Response. Selection patterns
// see the status.
func (s *Service) Call(ctx context.Context, x *apigw.Exchange) error {
	t, err := parseTarget(x.Endpoint.Request.URI)
	if err != nil {
		return apigw.ConfigurationError("Invalid endpoint address", err)
	}
	base, err := s.Client.URL(t.service)
	if err != nil {
		return unreachable(err)
	}
	out, err := t.outgoing(x, base)
	if err != nil {
		return err
	}
	if err := s.addHeader(x, t, out); err != nil {
		return err
	}
	if err := s.sign(ctx, x, t, out); err != nil {
		return err
	}
	x.Response.Traced = true
	h := HTTP{Transport: s.Transport, Timeout: s.Timeout}
	if err := h.send(ctx, x, out); err != nil {
		return err
	}
	status := strconv.Itoa(x.Endpoint.Response.Status)
	x.Endpoint.Response.Selector = &status
	return nil
}

// Proxy serves a proxy integration of Firehose: the client's body goes to the action as it is, and
// what the service answers goes back.
//
// Unlike AWS, as far as can be known: the form in which AWS passes a request on is not documented.
func (s *Service) Proxy(ctx context.Context, x *apigw.Exchange) error {
	if err := s.Call(ctx, x); err != nil {
		return err
	}
	proxied(x)
	return nil
}

// unreachable is the Rejection for a service that runs nowhere.
func unreachable(err error) *apigw.Rejection {
	r := &apigw.Rejection{Type: apigw.IntegrationFailure, Err: err}
	r.Line = r.LogLine() + ": " + err.Error()
	return r
}

// addHeader adds API Gateway's own headers and those that were mapped, which take their places.
func (s *Service) addHeader(x *apigw.Exchange, t target, out *outgoing) error {
	own := [...]apigw.Field{
		{Name: "Accept", Value: "application/json"},
		{Name: "Content-Type", Value: t.contentType()},
		{Name: "User-Agent", Value: userAgent + s.APIID},
		{Name: apiIDHeader, Value: s.APIID},
		{Name: "X-Amz-Source-Arn", Value: SourceARN(x)},
		{Name: "X-Amz-Target", Value: t.jsonTarget()},
		{Name: "X-Amzn-Trace-Id", Value: x.Request.TraceID()},
	}
	mapped := x.Endpoint.Request.Header
	for _, f := range own {
		if f.Value != "" && !mapped.Has(f.Name) {
			out.header = append(out.header, f)
		}
	}
	return out.add(mapped)
}

// sign signs a request as API Gateway does in the name of the role, or of who called.
func (s *Service) sign(ctx context.Context, x *apigw.Exchange, t target, out *outgoing) error {
	with, err := s.credentials(ctx, x)
	if err != nil || !with.HasKeys() {
		return err
	}
	r := out.request()
	for _, name := range signatureHeaders { // not those that a mapping made up
		r.Header.Del(name)
		out.header.Del(name)
	}
	if err := s.Client.Sign(ctx, r, out.body, t.service, t.region, with); err != nil {
		return apigw.Misconfigured("sign: %w", err)
	}
	out.url = r.URL // whose query is in order now
	for _, name := range signatureHeaders {
		if v := r.Header.Get(name); v != "" {
			out.header = append(out.header, apigw.Field{Name: name, Value: v})
		}
	}
	return nil
}

var signatureHeaders = []string{"Authorization", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token"}

// credentials are none where the integration has none.
func (s *Service) credentials(ctx context.Context, x *apigw.Exchange) (aws.Credentials, error) {
	if s.AsCaller {
		c, err := s.Client.Caller(ctx, x.Identity.AccessKey)
		if err != nil {
			return c, apigw.ConfigurationError("Unable to use the caller's credentials", err)
		}
		return c, nil
	}
	role, err := s.Role.Resolve(x)
	if err != nil || role == "" {
		return aws.Credentials{}, err
	}
	c, err := s.Client.Role(ctx, role)
	if err != nil {
		return c, apigw.ConfigurationError("API Gateway does not have permission to assume the provided role "+role, err)
	}
	return c, nil
}
