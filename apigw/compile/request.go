package compile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// expressions compile the right sides of mappings, which APIs of each kind write their own way.
type expressions = func(string) (apigw.Value, error)

// request compiles an integration request with its templates.
func (b *builder) request(place string, i types.Integration, value expressions) (step, *integration.Templates) {
	templates, problems := integration.CompileTemplates(i.RequestTemplates)
	b.badTemplates(place+", request template", problems)
	r, err := newRequest(i, value)
	if err != nil {
		return b.broken(place, "integration request: %w", err), templates
	}
	passthrough, ok := integration.ParsePassthrough(aws.ToString(i.PassthroughBehavior))
	if !ok {
		return b.broken(place, "integration request: unknown passthroughBehavior %q", *i.PassthroughBehavior), templates
	}
	r.Templates, r.Passthrough = templates, passthrough
	return r.Run, templates
}

// proxyRequest is one whose body no template touches.
func (b *builder) proxyRequest(place string, i types.Integration, value expressions) step {
	r, err := newRequest(i, value)
	if err != nil {
		return b.broken(place, "integration request: %w", err)
	}
	return r.Run
}

func newRequest(i types.Integration, value expressions) (*integration.Request, error) {
	r := &integration.Request{Verb: aws.ToString(i.HttpMethod)}
	if i.Type != types.IntegrationTypeMock {
		r.URI = integration.ParseText(aws.ToString(i.Uri))
	}
	var err error
	if r.Handling, err = integration.ParseHandling(string(i.ContentHandling)); err != nil {
		return nil, err
	}
	for _, target := range slices.Sorted(maps.Keys(i.RequestParameters)) {
		if err := mapParameter(r, target, i.RequestParameters[target], value); err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
	}
	return r, nil
}

var errNoParameter = errors.New("not a parameter of an integration")

// mapParameter adds one of requestParameters: integration.request.header.X and its like.
func mapParameter(r *integration.Request, target, source string, value expressions) error {
	of, ok := strings.CutPrefix(target, "integration.request.")
	group, name, named := strings.Cut(of, ".")
	if !ok || !named || name == "" {
		return errNoParameter
	}
	m := integration.Mapping{Name: name}
	var err error
	if m.Value, err = value(source); err != nil {
		return err
	}
	switch group {
	case "path":
		if param, ok := strings.CutPrefix(source, "method.request.path."); ok {
			m.Value, m.Encoded = integration.EncodedPathValue(param), true
		}
		r.Path = append(r.Path, m)
	case "querystring":
		r.Query = append(r.Query, m)
	case "header":
		r.Header = append(r.Header, m)
	default:
		return errNoParameter
	}
	return nil
}

func (b *builder) badTemplates(place string, problems map[string]error) {
	for _, key := range slices.Sorted(maps.Keys(problems)) {
		b.warn(place+" "+key, "%v", problems[key])
	}
}
