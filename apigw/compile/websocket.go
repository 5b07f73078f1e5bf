package compile

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// BuildWebSocket compiles a stage of a WebSocket API. Errors and warnings are as for BuildREST.
func BuildWebSocket(def V2, d Deps) (*apigw.Stage, error) {
	c := &socketCompiler{httpCompiler: newHTTPCompiler(def, d)}
	stage := c.newStage(apigw.WebSocket)
	stage.Routes, stage.Select, stage.Manage = c.routes(), c.selectRoute(), c.manage()
	return c.built(stage)
}

// A socketCompiler compiles the definition of a WebSocket API, which has much of an HTTP API's.
type socketCompiler struct {
	*httpCompiler
	known *models
}

// A socketRouter has the routes of one stage of a WebSocket API by their keys.
type socketRouter map[string]*apigw.Method

// Route finds a route by its key.
func (r socketRouter) Route(_, key string, values []string) (*apigw.Method, []string) {
	return r[key], values
}

func (c *socketCompiler) routes() apigw.Router {
	r := socketRouter{}
	for _, def := range c.sortedRoutes() {
		key := aws.ToString(def.RouteKey)
		if key == "" {
			c.impossible("route "+aws.ToString(def.RouteId), errors.New("it has no key"))
			continue
		}
		r[key] = c.route(key, def)
	}
	return r
}

// selectRoute compiles the route selection expression.
func (c *socketCompiler) selectRoute() func(*apigw.Exchange) string {
	s, err := integration.CompileSelection(aws.ToString(c.def.API.RouteSelectionExpression))
	if err != nil {
		c.warn("routeSelectionExpression", "%v", err)
		return func(*apigw.Exchange) string { return "" }
	}
	return func(x *apigw.Exchange) string {
		key, _ := s.Key(x)
		return key
	}
}

// route compiles a route's steps in the order of REST APIs.
func (c *socketCompiler) route(key string, r types.Route) *apigw.Method {
	m := &apigw.Method{
		ResourceID: aws.ToString(r.RouteId), Verb: key, RouteKey: key, OperationName: aws.ToString(r.OperationName),
		TwoWay: len(c.def.RouteResponses[aws.ToString(r.RouteId)]) > 0, Logging: c.logging(key),
	}
	add := func(name string, run step) {
		if run != nil {
			m.Steps = append(m.Steps, apigw.Step{Name: name, Run: run})
		}
	}
	if key == apigw.ConnectRoute {
		add(apigw.StepAuthorizer, c.authorizer(key, r))
		add(apigw.StepAPIKey, c.apiKey(key, r, m.Logging))
	}
	add(apigw.StepThrottle, c.throttle(key))
	add(apigw.StepMethodRequest, methodRequest(m))
	add(apigw.StepValidator, c.validator(key, r))
	request, call, response := c.integration(key, r)
	add(apigw.StepIntegrationRequest, request)
	add(apigw.StepIntegration, call)
	add(apigw.StepIntegrationResponse, response)
	return m
}

// logging compiles what the stage wants logged of a route's calls; nil for nothing.
func (c *socketCompiler) logging(key string) *apigw.Logging {
	var level types.LoggingLevel
	var data bool
	own := c.def.Stage.RouteSettings[key]
	for _, s := range []*types.RouteSettings{c.def.Stage.DefaultRouteSettings, &own} {
		if s == nil {
			continue
		}
		if s.LoggingLevel != "" {
			level = s.LoggingLevel
		}
		if s.DataTraceEnabled != nil {
			data = *s.DataTraceEnabled
		}
	}
	switch level {
	case types.LoggingLevelInfo:
		return &apigw.Logging{Data: data}
	case types.LoggingLevelError:
		return &apigw.Logging{Data: data, FailuresOnly: true}
	}
	return nil
}

// selection compiles the expression that chooses among things with keys; "" chooses $default.
func (c *socketCompiler) selection(place, expression string) *integration.Selection {
	if expression == "" {
		expression = apigw.DefaultRoute
	}
	s, err := integration.CompileSelection(expression)
	if err != nil {
		c.warn(place, "%v", err)
		return &integration.Selection{}
	}
	return s
}

// integration compiles what a route's target calls, into up to three steps. A route without a target takes
// messages and does nothing, as $connect does for whoever comes.
func (c *socketCompiler) integration(place string, r types.Route) (request, call, response step) {
	if aws.ToString(r.Target) == "" {
		return nil, nil, nil
	}
	def, err := c.target(r)
	if err != nil {
		return nil, c.broken(place, "%w", err), nil
	}
	i := socketIntegration(def)
	switch def.IntegrationType {
	case types.IntegrationTypeMock:
		request, templates := c.mapped(place, def)
		return request, integration.NewMock(templates).Call, c.responses(place, def)
	case types.IntegrationTypeHttp:
		request, _ := c.mapped(place, def)
		return request, c.http(def).Call, c.responses(place, def)
	case types.IntegrationTypeHttpProxy:
		return c.proxyRequest(place, i, integration.RouteValue), c.http(def).Proxy, nil
	case types.IntegrationTypeAws, types.IntegrationTypeAwsProxy:
		return c.service(place, def)
	}
	c.impossible(place, fmt.Errorf("unknown integration type %q", def.IntegrationType))
	return nil, nil, nil
}

// service compiles the call of a function or of another AWS service.
func (c *socketCompiler) service(place string, def types.Integration) (request, call, response step) {
	i := socketIntegration(def)
	s, err := c.backend(place, i)
	if err != nil {
		return nil, c.broken(place, "%w", err), nil
	}
	if def.IntegrationType == types.IntegrationTypeAws {
		request, _ = c.mapped(place, def)
		return request, s.Call, c.responses(place, def)
	}
	if l, ok := s.(*integration.Lambda); ok {
		return nil, l.Socket, nil
	}
	return c.proxyRequest(place, i, integration.RouteValue), s.Proxy, nil
}
