package compile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/route"
)

// BuildHTTP compiles a stage of an HTTP API. Errors and warnings are as for BuildREST.
func BuildHTTP(def V2, d Deps) (*apigw.Stage, error) {
	c := newHTTPCompiler(def, d)
	stage := c.newStage(apigw.HTTP)
	stage.Routes = c.routes()
	if o := def.API.CorsConfiguration; o != nil {
		cors := newCORS(o)
		stage.Preflight, stage.Finish = cors.Preflight, cors.Finish
	}
	if c.stage == apigw.DefaultStage {
		stage.Siblings = map[string]bool{}
		for _, name := range def.Siblings {
			stage.Siblings[name] = true
		}
	}
	return c.built(stage)
}

// An httpCompiler compiles the definition of an HTTP API.
type httpCompiler struct {
	builder
	def V2
}

func newHTTPCompiler(def V2, d Deps) *httpCompiler {
	return &httpCompiler{
		builder: newBuilder(d, def.AccountID, def.Region, aws.ToString(def.API.ApiId), aws.ToString(def.Stage.StageName)), def: def,
	}
}

// newStage is what stages of HTTP and WebSocket APIs have in common.
func (c *httpCompiler) newStage(p apigw.Protocol) *apigw.Stage {
	stage := &apigw.Stage{
		Protocol: p, AccountID: c.accountID, Region: c.region, APIID: c.apiID, Name: c.stage,
		DeploymentID:     aws.ToString(c.def.Stage.DeploymentId),
		Variables:        maps.Clone(c.def.Stage.StageVariables),
		EndpointType:     apigw.EndpointRegional,
		EndpointDisabled: aws.ToBool(c.def.API.DisableExecuteApiEndpoint),
	}
	if s := c.def.Stage.AccessLogSettings; s != nil {
		stage.AccessLog = c.accessLog(aws.ToString(s.DestinationArn), aws.ToString(s.Format))
	}
	return stage
}

// built ends the making of a stage: what is wrong with it is told.
func (c *httpCompiler) built(stage *apigw.Stage) (*apigw.Stage, error) {
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	stage.FlushAuthorizers = c.flush()
	c.report(c.def.idleSettings())
	return stage, nil
}

// An httpRouter is the route tree of one stage of an HTTP API.
type httpRouter struct {
	tree route.Tree[*apigw.Method]
	rest *apigw.Method // the route $default, nil for none
}

func (r *httpRouter) Route(verb, path string, values []string) (*apigw.Method, []string) {
	if m, values, ok := r.tree.Match(verb, path, values); ok {
		return m, values
	}
	return r.rest, values
}

// sortedRoutes are the routes in the order of their keys, so that problems come in this order too.
func (c *httpCompiler) sortedRoutes() []types.Route {
	return slices.SortedFunc(slices.Values(c.def.Routes), func(a, b types.Route) int {
		return strings.Compare(aws.ToString(a.RouteKey), aws.ToString(b.RouteKey))
	})
}

// routes compiles every route.
func (c *httpCompiler) routes() *httpRouter {
	r := &httpRouter{tree: route.Tree[*apigw.Method]{Exact: true}}
	for _, def := range c.sortedRoutes() {
		key := aws.ToString(def.RouteKey)
		if key == apigw.DefaultRoute {
			r.rest = c.route(key, route.Any, "", def)
			continue
		}
		verb, path, ok := strings.Cut(key, " ")
		if !ok || !strings.HasPrefix(path, "/") {
			c.impossible(key, errors.New("the route key is neither $default nor a method and a path"))
			continue
		}
		if err := r.tree.Add(path, verb, c.route(key, verb, path, def)); err != nil {
			c.impossible(key, err)
		}
	}
	return r
}

// route compiles a route's steps in API Gateway's order.
func (c *httpCompiler) route(key, verb, path string, r types.Route) *apigw.Method {
	m := &apigw.Method{
		ResourceID: aws.ToString(r.RouteId), ResourcePath: path, Verb: verb, RouteKey: key,
		OperationName: aws.ToString(r.OperationName), PathParams: route.ParamNames(path),
	}
	add := func(name string, run step) {
		if run != nil {
			m.Steps = append(m.Steps, apigw.Step{Name: name, Run: run})
		}
	}
	add(apigw.StepAuthorizer, c.authorizer(key, r))
	add(apigw.StepThrottle, c.throttle(key))
	i, err := c.target(r)
	if err != nil {
		add(apigw.StepIntegration, c.broken(key, "%w", err))
		return m
	}
	add(apigw.StepIntegration, c.integration(key, i))
	add(apigw.StepIntegrationResponse, c.responseMapping(key, i))
	return m
}

// integration compiles what a route's target calls.
func (c *httpCompiler) integration(key string, i types.Integration) step {
	switch {
	case aws.ToString(i.IntegrationSubtype) != "":
		return c.subtype(key, i)
	case i.IntegrationType == types.IntegrationTypeAwsProxy:
		return c.lambda(key, i)
	case i.IntegrationType == types.IntegrationTypeHttpProxy:
		return c.proxy(key, i)
	}
	return c.broken(key, "HTTP APIs have no integrations of type %q", i.IntegrationType)
}

// target finds the integration that a route names.
func (c *httpCompiler) target(r types.Route) (types.Integration, error) {
	id := strings.TrimPrefix(aws.ToString(r.Target), "integrations/")
	i := slices.IndexFunc(c.def.Integrations, func(i types.Integration) bool { return aws.ToString(i.IntegrationId) == id })
	if i < 0 {
		return types.Integration{}, fmt.Errorf("the API has no integration %q", id)
	}
	return c.def.Integrations[i], nil
}
