package apigateway

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/openapi"
	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// ImportRestApi adds the API that an OpenAPI document describes, all of it or nothing.
func (s *Service) ImportRestApi(ctx context.Context, in *sdk.ImportRestApiInput) (*sdk.ImportRestApiOutput, error) {
	doc, err := readImport(resolved(ctx, in.Body), in.Parameters, in.FailOnWarnings, "")
	if err != nil {
		return nil, err
	}
	a, err := s.createAPI(ctx, doc.create(), func(tx *store.Tx, a *types.RestApi) error {
		d, err := insertBareAPI(tx, a)
		if err != nil {
			return err
		}
		return s.write(tx, d, &doc)
	})
	if err != nil {
		return nil, err
	}
	a.Warnings = doc.warnings
	return wire.Answer[sdk.ImportRestApiOutput](describe(a), nil)
}

// PutRestApi merges a document into an API, or replaces all that the API consists of.
func (s *Service) PutRestApi(ctx context.Context, in *sdk.PutRestApiInput) (*sdk.PutRestApiOutput, error) {
	doc, err := readImport(resolved(ctx, in.Body), in.Parameters, in.FailOnWarnings, *in.RestApiId)
	if err != nil {
		return nil, err
	}
	var a types.RestApi
	err = s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if in.Mode == types.PutModeOverwrite {
			if err := clearAPI(tx, &d, doc.parameters["ignore"] == "documentation"); err != nil {
				return err
			}
		}
		doc.merge(&d.Value.API)
		if err := checkAPI(&d.Value.API); err != nil {
			return err
		}
		a, d.Name = d.Value.API, *d.Value.API.Name
		if err := restAPIs.Put(tx, d); err != nil {
			return err
		}
		return s.write(tx, d, &doc)
	})
	a.Warnings = doc.warnings
	return wire.Answer[sdk.PutRestApiOutput](describeChanged(a), err)
}

// write writes a document into an API that has room for what it describes.
func (s *Service) write(tx *store.Tx, api store.Document[restAPI], doc *document) error {
	if err := doc.write(tx, api); err != nil {
		return err
	}
	if err := within(tx, s.quotas, quota.Resources, resources, api.ID); err != nil {
		return err
	}
	return within(tx, s.quotas, quota.Authorizers, authorizers, api.ID)
}

// A document is what an OpenAPI document and the parameters of its import ask for.
type document struct {
	openapi.REST
	parameters map[string]string
	warnings   []string
	errors     []string // those of the document itself
}

// resolved is a document with the values of AWS's variables.
func resolved(ctx context.Context, body []byte) []byte {
	c := wire.CallerFrom(ctx)
	return openapi.Variables{AccountID: c.AccountID, Partition: wire.Partition(c.Region), Region: c.Region}.Fill(body)
}

func readImport(body []byte, parameters map[string]string, failOnWarnings bool, id string) (document, error) {
	d := document{parameters: parameters}
	if err := checkImportParameters(parameters); err != nil {
		return d, err
	}
	read, err := openapi.Read(body)
	if err != nil {
		return d, badRequest("%s", openapi.Refusal(err))
	}
	rest, problems := read.REST(openapi.Options{
		RestAPIID: id, BasePath: parameters["basepath"],
		IgnoreDocumentation: parameters["ignore"] == "documentation",
	})
	d.REST, d.errors, d.warnings = rest, problems.Errors, problems.Warnings
	if failOnWarnings && len(d.warnings) > 0 {
		return d, badRequest("Warnings found during import:\n\t%s", strings.Join(d.warnings, "\n\t"))
	}
	if aws.ToString(rest.API.Name) == "" {
		d.errors = append(d.errors, "attribute info.title is missing")
		return d, d.failed()
	}
	return d, nil
}

// failed is AWS's error for a document with errors, nil where it has none.
func (d *document) failed() error {
	if len(d.errors) == 0 {
		return nil
	}
	return badRequest("Errors found during import:\n\t%s", strings.Join(d.errors, "\n\t"))
}

// importParameters are the parameters of an import with their values, nil for any.
var importParameters = map[string][]string{
	"basepath":                   {"ignore", "prepend", "split"},
	"ignore":                     {"documentation"},
	"disableExecuteApiEndpoint":  {"true", "false"},
	"endpointConfigurationTypes": nil,
	"ipAddressType":              {"ipv4", "dualstack"},
}

// Unlike AWS, a parameter that there is not is refused.
func checkImportParameters(parameters map[string]string) error {
	for name, value := range parameters {
		values, known := importParameters[name]
		if !known {
			return badRequest("Invalid parameter specified: %s", name)
		}
		if values != nil && !slices.Contains(values, value) {
			return badRequest("Invalid value '%s' for parameter %s. Valid options are %s", value, name, strings.Join(values, ","))
		}
	}
	for _, t := range endpointTypes(parameters) {
		if !valid(t, t.Values()) {
			return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
		}
	}
	return nil
}

func endpointTypes(parameters map[string]string) (out []types.EndpointType) {
	list := parameters["endpointConfigurationTypes"]
	if list == "" {
		return nil
	}
	for t := range strings.SplitSeq(list, ",") {
		out = append(out, types.EndpointType(strings.TrimSpace(t)))
	}
	return out
}

// create is the CreateRestApi that an import begins with.
func (d *document) create() *sdk.CreateRestApiInput {
	a := types.RestApi{}
	d.merge(&a)
	return &sdk.CreateRestApiInput{
		Name: a.Name, Description: a.Description, Version: a.Version, ApiKeySource: a.ApiKeySource,
		BinaryMediaTypes: a.BinaryMediaTypes, MinimumCompressionSize: a.MinimumCompressionSize, Policy: a.Policy,
		EndpointConfiguration: a.EndpointConfiguration, DisableExecuteApiEndpoint: a.DisableExecuteApiEndpoint,
		SecurityPolicy: a.SecurityPolicy, EndpointAccessMode: a.EndpointAccessMode, Tags: a.Tags,
	}
}

// merge sets what the document says of the API itself.
func (d *document) merge(a *types.RestApi) {
	from := d.API
	a.Name = from.Name
	replace(&a.Version, from.Version)
	replace(&a.Description, from.Description)
	replace(&a.MinimumCompressionSize, from.MinimumCompressionSize)
	replace(&a.Policy, from.Policy)
	override(&a.ApiKeySource, from.ApiKeySource)
	override(&a.SecurityPolicy, from.SecurityPolicy)
	override(&a.EndpointAccessMode, from.EndpointAccessMode)
	for _, t := range from.BinaryMediaTypes {
		if !slices.Contains(a.BinaryMediaTypes, t) {
			a.BinaryMediaTypes = append(a.BinaryMediaTypes, t)
		}
	}
	for key, value := range from.Tags {
		if a.Tags == nil {
			a.Tags = map[string]string{}
		}
		a.Tags[key] = value
	}
	if from.DisableExecuteApiEndpoint || d.parameters["disableExecuteApiEndpoint"] != "" {
		a.DisableExecuteApiEndpoint = from.DisableExecuteApiEndpoint || d.parameters["disableExecuteApiEndpoint"] == "true"
	}
	d.mergeEndpoint(a)
}

func (d *document) mergeEndpoint(a *types.RestApi) {
	e := types.EndpointConfiguration{}
	if a.EndpointConfiguration != nil {
		e = *a.EndpointConfiguration
	}
	was := e.Types
	if from := d.API.EndpointConfiguration; from != nil {
		override(&e.IpAddressType, from.IpAddressType)
		if from.Types != nil {
			e.Types = from.Types
		}
		if from.VpcEndpointIds != nil {
			e.VpcEndpointIds = from.VpcEndpointIds
		}
	}
	if t := endpointTypes(d.parameters); t != nil {
		e.Types = t
	}
	override(&e.IpAddressType, types.IpAddressType(d.parameters["ipAddressType"]))
	if slices.Contains(e.Types, types.EndpointTypePrivate) && !slices.Equal(was, e.Types) && e.IpAddressType == types.IpAddressTypeIpv4 {
		e.IpAddressType = "" // as an update of the type does
	}
	a.EndpointConfiguration = &e
}

func replace[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

func override[T ~string](to *T, from T) {
	if from != "" {
		*to = from
	}
}

// clearAPI takes from an API all that a document says: its settings, too, but not its endpoint.
func clearAPI(tx *store.Tx, d *store.Document[restAPI], keepDocumentation bool) error {
	a := &d.Value.API
	a.BinaryMediaTypes, a.MinimumCompressionSize, a.Policy, a.Description, a.Version = nil, nil, nil, nil, nil
	a.ApiKeySource = types.ApiKeySourceTypeHeader
	d.Value.DefaultModels = nil
	if err := clearResources(tx, d.ID, *a.RootResourceId); err != nil {
		return err
	}
	err := errors.Join(
		clearKind(tx, models, d.ID), clearKind(tx, validators, d.ID), clearKind(tx, gatewayResponses, d.ID), clearKind(tx, authorizers, d.ID))
	if err == nil && !keepDocumentation {
		err = clearKind(tx, documentationParts, d.ID)
	}
	return err
}

func clearKind[T any](tx *store.Tx, k store.Kind[T], api string) error {
	p, err := k.List(tx, store.Query{Parent: apiRef(api)})
	for _, d := range p.Documents {
		err = errors.Join(err, k.Delete(tx, d.ID))
	}
	return err
}

func clearResources(tx *store.Tx, api, root string) error {
	p, err := resources.List(tx, store.Query{Parent: resourceRef(api, root)})
	for _, d := range p.Documents {
		err = errors.Join(err, resources.Delete(tx, d.ID))
	}
	return errors.Join(err, resources.Put(tx, resourceDocument(api, types.Resource{Id: &root, Path: aws.String("/")})))
}
