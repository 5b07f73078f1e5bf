package apigatewayv2

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	restsdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/apigateway"
	"postern/emulator/portal"
)

// restEndpoint is a method as the deployment of a stage has it, with the documentation that its API has of
// it now.
func (s *Service) restEndpoint(ctx context.Context, parts types.IdentifierParts) (out portal.Endpoint, err error) {
	snapshot, err := s.rest.Snapshot(ctx, *parts.RestApiId, *parts.Stage)
	sc := scope(ctx)
	switch {
	case errors.Is(err, apigateway.ErrNoAPI), err == nil && (snapshot.AccountID != sc.Account || snapshot.Region != sc.Region):
		return out, badRequest("Invalid REST API identifier specified")
	case errors.Is(err, apigateway.ErrNoStage):
		return out, badRequest("Invalid stage identifier specified")
	case err != nil:
		return out, err
	}
	m, ok := methodOf(snapshot, *parts.Path, *parts.Method)
	if !ok {
		return out, badRequest("The stage has no method %s %s", *parts.Method, *parts.Path)
	}
	out = describeMethod(m, *parts.Path)
	out.Method, out.Path, out.API, out.Stage = *parts.Method, *parts.Path, *parts.RestApiId, *parts.Stage
	out.Body, err = s.documentation(ctx, parts)
	return out, err
}

// methodOf finds a method of a path, or the one for ANY method.
func methodOf(s apigateway.Snapshot, path, method string) (m rest.Method, ok bool) {
	for _, r := range s.Resources {
		if aws.ToString(r.Path) != path {
			continue
		}
		if m, ok = r.ResourceMethods[method]; !ok {
			m, ok = r.ResourceMethods["ANY"]
		}
		return m, ok
	}
	return m, false
}

func describeMethod(m rest.Method, path string) portal.Endpoint {
	out := portal.Endpoint{
		Name: aws.ToString(m.OperationName), Authorization: aws.ToString(m.AuthorizationType), APIKey: aws.ToBool(m.ApiKeyRequired),
		Statuses: slices.Sorted(maps.Keys(m.MethodResponses)),
	}
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			out.Parameters = append(out.Parameters, portal.Parameter{Name: strings.TrimRight(name, "+}"), In: "path", Required: true})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.RequestParameters)) {
		in, name, _ := strings.Cut(strings.TrimPrefix(key, "method.request."), ".")
		if in != "path" {
			out.Parameters = append(out.Parameters, portal.Parameter{Name: name, In: in, Required: m.RequestParameters[key]})
		}
	}
	for _, mediaType := range slices.Sorted(maps.Keys(m.RequestModels)) {
		out.Bodies = append(out.Bodies, portal.Body{MediaType: mediaType, Model: m.RequestModels[mediaType]})
	}
	return out
}

// documentation is what the documentation parts of a REST API say of a method.
func (s *Service) documentation(ctx context.Context, parts types.IdentifierParts) (string, error) {
	all, err := s.rest.GetDocumentationParts(ctx, &restsdk.GetDocumentationPartsInput{
		RestApiId: parts.RestApiId, Path: parts.Path, Type: rest.DocumentationPartTypeMethod, Limit: aws.Int32(500)})
	if err != nil {
		return "", err
	}
	for _, p := range all.Items {
		if method := aws.ToString(p.Location.Method); method != *parts.Method && method != "*" {
			continue
		}
		var said struct{ Description, Summary string }
		if json.Unmarshal([]byte(aws.ToString(p.Properties)), &said) == nil {
			return cmp.Or(said.Description, said.Summary), nil
		}
	}
	return "", nil
}
