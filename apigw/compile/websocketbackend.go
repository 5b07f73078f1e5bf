package compile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// socketIntegration is an integration of a WebSocket API as one of a REST API, whose members mean the same.
func socketIntegration(i types.Integration) rest.Integration {
	return rest.Integration{
		Type: rest.IntegrationType(i.IntegrationType), Uri: i.IntegrationUri, Credentials: i.CredentialsArn,
		HttpMethod:        aws.String(cmp.Or(aws.ToString(i.IntegrationMethod), "POST")),
		RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		PassthroughBehavior: aws.String(string(i.PassthroughBehavior)), ContentHandling: rest.ContentHandlingStrategy(i.ContentHandlingStrategy),
		TimeoutInMillis: aws.ToInt32(i.TimeoutInMillis),
	}
}

// mapped compiles an integration request whose templates an expression chooses.
func (c *socketCompiler) mapped(place string, i types.Integration) (step, *integration.Templates) {
	run, templates := c.request(place, socketIntegration(i), integration.RouteValue)
	templates.SelectBy(c.selection(place+", templateSelectionExpression", aws.ToString(i.TemplateSelectionExpression)))
	return run, templates
}

func (c *socketCompiler) http(i types.Integration) *integration.HTTP {
	h := &integration.HTTP{Transport: c.deps.Transport, Timeout: timeout(socketIntegration(i)), APIID: c.apiID}
	if i.ConnectionType == types.ConnectionTypeVpcLink { // one of REST APIs: deps say where it leads
		h.Link = &integration.Link{ID: integration.ParseText(aws.ToString(i.ConnectionId)), Known: c.deps.Links}
	}
	return h
}

// responses compiles an integration's responses, in the order of their keys: of several patterns that match
// the first is taken. Without any, what comes back is the answer. (What AWS does then is not documented.)
func (c *socketCompiler) responses(place string, i types.Integration) step {
	defs := c.def.IntegrationResponses[aws.ToString(i.IntegrationId)]
	if len(defs) == 0 {
		return integration.Unmapped
	}
	r := &integration.Response{Select: c.responseSelection(place, i)}
	for _, def := range slices.SortedFunc(slices.Values(defs), func(a, b types.IntegrationResponse) int {
		return strings.Compare(aws.ToString(a.IntegrationResponseKey), aws.ToString(b.IntegrationResponseKey))
	}) {
		key := aws.ToString(def.IntegrationResponseKey)
		choice, err := c.choice(place+", integration response "+key, key, def)
		if err != nil {
			c.warn(place+", integration response "+key, "%v", err)
		}
		r.Choices = append(r.Choices, choice)
	}
	return r.Run
}

// responseSelection is what keys of responses are matched with: by default the status of what came back, or
// the errorMessage of a function that failed. (The developer guide's table of selection expressions has it
// that they match "error messages (from Lambda) or status codes (from HTTP integrations)", read 2026-11.)
func (c *socketCompiler) responseSelection(place string, i types.Integration) *integration.Selection {
	switch expression := aws.ToString(i.IntegrationResponseSelectionExpression); expression {
	case "", "${integration.response.statuscode}", "$integration.response.statuscode":
		return nil
	default:
		return c.selection(place+", integrationResponseSelectionExpression", expression)
	}
}

func (c *socketCompiler) choice(place, key string, r types.IntegrationResponse) (out integration.Choice, err error) {
	if key != apigw.DefaultRoute {
		out.Pattern = integration.LiteralPattern(key)
		if len(key) > 1 && strings.HasPrefix(key, "/") && strings.HasSuffix(key, "/") {
			out.Pattern, err = integration.CompilePattern(key[1 : len(key)-1])
		}
	}
	var problems map[string]error
	out.Templates, problems = integration.CompileTemplates(r.ResponseTemplates)
	c.badTemplates(place+", template", problems)
	out.Templates.SelectBy(c.selection(place+", templateSelectionExpression", aws.ToString(r.TemplateSelectionExpression)))
	if out.Handling, out.Err = integration.ParseHandling(string(r.ContentHandlingStrategy)); out.Err != nil {
		c.warn(place, "%v", out.Err)
	}
	if len(r.ResponseParameters) > 0 { // frames have no headers
		c.warn(place, "response parameters have no effect: %s", strings.Join(slices.Sorted(maps.Keys(r.ResponseParameters)), ", "))
	}
	return out, err
}

// validator compiles what a route asks of its requests: parameters of $connect, and a model of the body.
func (c *socketCompiler) validator(place string, r types.Route) step {
	v := &integration.Validator{}
	for _, name := range slices.Sorted(maps.Keys(r.RequestParameters)) {
		if !aws.ToBool(r.RequestParameters[name].Required) {
			continue
		}
		value, err := integration.RouteValue(name)
		if err != nil {
			c.warn(place, "required parameter: %v", err)
			value = func(*apigw.Exchange) []string { return nil } // always missing
		}
		v.Parameters = append(v.Parameters, integration.Required{Name: name[strings.LastIndexByte(name, '.')+1:], Value: value})
	}
	if expression := aws.ToString(r.ModelSelectionExpression); expression != "" {
		v.Select = c.selection(place+", modelSelectionExpression", expression)
		v.Models = c.bodyModels(place, r)
	}
	if v.Parameters == nil && v.Select == nil {
		return nil
	}
	return v.Run
}

func (c *socketCompiler) bodyModels(place string, r types.Route) (all []integration.Model) {
	if c.known == nil {
		sources := map[string]string{}
		for _, m := range c.def.Models {
			sources[aws.ToString(m.Name)] = aws.ToString(m.Schema)
		}
		c.known = newModels(c.apiID, sources)
	}
	for _, key := range slices.Sorted(maps.Keys(r.RequestModels)) {
		schema, err := c.known.compile(r.RequestModels[key])
		if err != nil {
			c.warn(fmt.Sprintf("%s, model %s", place, r.RequestModels[key]), "%v", err)
		}
		all = append(all, integration.Model{MediaType: key, Schema: schema, Err: err})
	}
	return all
}
