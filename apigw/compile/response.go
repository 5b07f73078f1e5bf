package compile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// response compiles a method's integration responses, in the order of their statuses: of several
// patterns that match AWS takes the first.
func (c *compiler) response(place string, m types.Method) step {
	r := &integration.Response{}
	all := m.MethodIntegration.IntegrationResponses
	for _, code := range slices.Sorted(maps.Keys(all)) {
		at := place + ", integration response " + code
		choice, err := c.choice(at, code, all[code])
		if err != nil {
			c.impossible(at, err)
			continue
		}
		if _, ok := m.MethodResponses[code]; !ok && choice.Err == nil {
			choice.Err = fmt.Errorf("%w %s", integration.ErrNoMethodResponse, code)
		}
		if choice.Err != nil {
			c.warn(at, "%v", choice.Err)
		}
		r.Choices = append(r.Choices, choice)
	}
	return r.Run
}

func (c *compiler) choice(place, code string, r types.IntegrationResponse) (integration.Choice, error) {
	out := integration.Choice{}
	var err error
	if out.Status, err = strconv.Atoi(code); err != nil || out.Status < 100 || out.Status > 599 {
		return out, fmt.Errorf("%q is not a status code", code)
	}
	if pattern := aws.ToString(r.SelectionPattern); pattern != "" {
		if out.Pattern, err = integration.CompilePattern(pattern); err != nil {
			c.warn(place, "%v", err)
		}
	}
	var problems map[string]error
	out.Templates, problems = integration.CompileTemplates(r.ResponseTemplates)
	c.badTemplates(place+", template", problems)
	if out.Handling, err = integration.ParseHandling(string(r.ContentHandling)); err != nil {
		out.Err = err
	}
	for _, target := range slices.Sorted(maps.Keys(r.ResponseParameters)) {
		m, err := mapHeader(target, "method.response.header.", r.ResponseParameters[target], integration.ResponseValue)
		if err != nil {
			out.Err = err
			continue
		}
		if name, ok := apigw.Remap(m.Name); ok { // some never reach the client
			m.Name = name
			out.Headers = append(out.Headers, m)
		}
	}
	return out, nil
}

// mapHeader compiles one of responseParameters.
func mapHeader(target, prefix, source string, compile func(string) (apigw.Value, error)) (integration.Mapping, error) {
	name, ok := strings.CutPrefix(target, prefix)
	if !ok || name == "" {
		return integration.Mapping{}, fmt.Errorf("%s is not a header of a response", target)
	}
	v, err := compile(source)
	if err != nil {
		return integration.Mapping{}, fmt.Errorf("%s: %w", target, err)
	}
	return integration.Mapping{Name: name, Value: v}, nil
}
