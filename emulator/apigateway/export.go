package apigateway

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/openapi"
	"postern/emulator/store"
)

// GetExport writes what a stage serves as an OpenAPI document.
func (s *Service) GetExport(ctx context.Context, in *sdk.GetExportInput) (*sdk.GetExportOutput, error) {
	e, err := asExport(in)
	if err != nil {
		return nil, err
	}
	var rest openapi.REST
	err = s.view(ctx, func(tx *store.Tx) error {
		rest, err = deployed(tx, in.RestApiId, in.StageName)
		e.Region = tx.Scope().Region
		e.Host = fmt.Sprintf("%s.execute-api.%s.amazonaws.com", *in.RestApiId, e.Region)
		return err
	})
	if err != nil {
		return nil, err
	}
	body, suffix := rest.Write(e).JSON(), "json"
	if wantsYAML(in.Accepts) {
		suffix = "yaml"
		if body, err = rest.Write(e).YAML(); err != nil {
			return nil, err
		}
	}
	return &sdk.GetExportOutput{
		Body:               body,
		ContentType:        aws.String("application/octet-stream"),
		ContentDisposition: aws.String(fmt.Sprintf(`attachment; filename="%s_%s.%s"`, *in.ExportType, *rest.API.Version, suffix)),
	}, nil
}

func wantsYAML(accepts *string) bool { return strings.HasSuffix(aws.ToString(accepts), "/yaml") }

// asExport checks what a request asks to be written.
func asExport(in *sdk.GetExportInput) (openapi.Export, error) {
	e := openapi.Export{Stage: *in.StageName, Swagger: *in.ExportType == "swagger"}
	if !e.Swagger && *in.ExportType != "oas30" {
		return e, badRequest("No API exporter for type '%s'", *in.ExportType)
	}
	accepts := aws.ToString(in.Accepts)
	if !slices.Contains([]string{"", "*/*", "application/json", "application/yaml"}, accepts) {
		return e, badRequest("Invalid accepts specified: %s. Valid options are application/json,application/yaml", accepts)
	}
	for name := range in.Parameters {
		if name != "extensions" && name != "parameters" {
			return e, badRequest("Invalid parameter specified: %s", name)
		}
	}
	for _, name := range extensions(in.Parameters) {
		switch name {
		case "integrations":
			e.Integrations = true
		case "authorizers":
			e.Authorizers = true
		case "apigateway":
			e.APIGateway = true
		case "documentation":
			e.Documentation = true
		case "postman":
			e.Postman = true
		default:
			return e, badRequest("Invalid extension specified: %s. Valid options are integrations,authorizers,apigateway,documentation,postman", name)
		}
	}
	return e, nil
}

// extensions are the extensions to write, which clients name in a parameter of that name.
func extensions(parameters map[string]string) (out []string) {
	for name := range strings.SplitSeq(parameters["extensions"], ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// deployed is what a stage serves, with the documentation it has.
func deployed(tx *store.Tx, api, stage *string) (openapi.REST, error) {
	d, err := getStage(tx, api, stage)
	if err != nil {
		return openapi.REST{}, err
	}
	def, err := definitions.Get(tx, *api+"/"+*d.Value.DeploymentId)
	if err != nil {
		return openapi.REST{}, err
	}
	rest := def.Value.rest()
	version := aws.ToString(d.Value.DocumentationVersion)
	if version == "" {
		return rest, nil
	}
	v, err := documentationVersions.Get(tx, *api+"/"+version)
	if missing(err, "") != err { // it was deleted
		return rest, nil
	}
	rest.DocumentationVersion, rest.DocumentationParts = version, v.Value.Parts
	if created := v.Value.Version.CreatedDate; created != nil {
		rest.DocumentationCreated = created.UTC().Format("2006-01-02T15:04:05Z")
	}
	return rest, err
}

// rest is a definition in which methods name what they use.
func (def definition) rest() openapi.REST {
	out := openapi.REST{
		API: def.API, Models: def.Models, Authorizers: def.Authorizers,
		RequestValidators: slices.Clone(def.RequestValidators), GatewayResponses: def.GatewayResponses,
	}
	if aws.ToString(out.API.Version) == "" && out.API.CreatedDate != nil {
		out.API.Version = aws.String(out.API.CreatedDate.UTC().Format("2006-01-02T15:04:05Z"))
	}
	names := map[string]string{}
	for i, v := range def.RequestValidators {
		if aws.ToString(v.Name) == "" {
			out.RequestValidators[i].Name = v.Id
		}
		names[*v.Id] = *out.RequestValidators[i].Name
	}
	for _, a := range def.Authorizers {
		names[*a.Id] = *a.Name
	}
	parents := map[string]bool{}
	for _, r := range def.Resources {
		parents[aws.ToString(r.ParentId)] = true
	}
	for _, r := range def.Resources {
		methods := map[string]types.Method{}
		for verb, m := range r.ResourceMethods {
			methods[verb] = named(m, r, names)
		}
		out.Resources = append(out.Resources, openapi.Resource{Path: *r.Path, Methods: methods, Leaf: r.ParentId != nil && !parents[*r.Id]})
	}
	return out
}

// named is a method with names in place of ids.
func named(m types.Method, r types.Resource, names map[string]string) types.Method {
	m.RequestValidatorId = renamed(m.RequestValidatorId, names)
	m.AuthorizerId = renamed(m.AuthorizerId, names)
	if m.MethodIntegration != nil && aws.ToString(m.MethodIntegration.CacheNamespace) == aws.ToString(r.Id) {
		i := *m.MethodIntegration
		i.CacheNamespace = nil
		m.MethodIntegration = &i
	}
	return m
}
