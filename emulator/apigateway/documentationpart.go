package apigateway

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/openapi"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// documentationParts are stored under "restApiId/documentationPartId" and the name of their
// location, of which there is one each.
var documentationParts = store.Kind[types.DocumentationPart]{Service: service, Name: "documentationpart"}

// maxDocumentationParts is AWS's quota for an API.
const maxDocumentationParts = 2000

func documentationPartDocument(api string, p types.DocumentationPart) store.Document[types.DocumentationPart] {
	return store.Document[types.DocumentationPart]{ID: api + "/" + *p.Id, Parent: apiRef(api), Name: locationName(*p.Location), Value: p}
}

// locationName sorts parts by type, path, method, status and name.
func locationName(l types.DocumentationPartLocation) string {
	return strings.Join([]string{string(l.Type), aws.ToString(l.Path), aws.ToString(l.Method), aws.ToString(l.StatusCode), aws.ToString(l.Name)}, " ")
}

func getDocumentationPart(tx *store.Tx, api, id *string) (store.Document[types.DocumentationPart], error) {
	a, err := getAPI(tx, api)
	if err != nil {
		return store.Document[types.DocumentationPart]{}, err
	}
	d, err := documentationParts.Get(tx, a.ID+"/"+aws.ToString(id))
	return d, missing(err, "Invalid Documentation part identifier specified")
}

func allDocumentationParts(tx *store.Tx, api string) ([]types.DocumentationPart, error) {
	p, err := documentationParts.List(tx, store.Query{Parent: apiRef(api), Order: store.ByName})
	out := make([]types.DocumentationPart, len(p.Documents))
	for i, d := range p.Documents {
		out[i] = d.Value
	}
	return out, err
}

var (
	onPath     = []types.DocumentationPartType{"RESOURCE", "METHOD", "PATH_PARAMETER", "QUERY_PARAMETER", "REQUEST_HEADER", "REQUEST_BODY", "RESPONSE", "RESPONSE_HEADER", "RESPONSE_BODY"}
	ofResponse = []types.DocumentationPartType{"RESPONSE", "RESPONSE_HEADER", "RESPONSE_BODY"}
	withName   = []types.DocumentationPartType{"AUTHORIZER", "MODEL", "PATH_PARAMETER", "QUERY_PARAMETER", "REQUEST_HEADER", "RESPONSE_HEADER"}
)

// fillLocation sets what a location leaves out and refuses what its type does not have (API
// reference, "DocumentationPartLocation").
func fillLocation(l *types.DocumentationPartLocation) error {
	hasPath, hasMethod := slices.Contains(onPath, l.Type), slices.Contains(onPath[1:], l.Type)
	hasStatus, hasName := slices.Contains(ofResponse, l.Type), slices.Contains(withName, l.Type)
	for _, m := range []struct {
		member *(*string)
		name   string
		has    bool
		fill   string
	}{
		{&l.Path, "path", hasPath, "/"}, {&l.Method, "method", hasMethod, "*"},
		{&l.StatusCode, "statusCode", hasStatus, "*"}, {&l.Name, "name", hasName, ""},
	} {
		given := aws.ToString(*m.member) != ""
		switch {
		case given && !m.has:
			return badRequest("Invalid documentation part location: %s is not valid for type '%s'", m.name, l.Type)
		case !given && m.has && m.fill == "":
			return badRequest("Invalid documentation part location: %s is required for type '%s'", m.name, l.Type)
		case !given && m.has:
			*m.member = aws.String(m.fill)
		case !given:
			*m.member = nil
		}
	}
	return nil
}

// checkDocumentation requires a JSON object.
func checkDocumentation(properties *string) error {
	if aws.ToString(properties) == "" {
		return badRequest("Documentation part properties must be non-empty")
	}
	var object map[string]any
	if json.Unmarshal([]byte(*properties), &object) != nil || object == nil {
		return badRequest("Documentation part properties must be a valid JSON object")
	}
	return nil
}

// CreateDocumentationPart documents a part of an API that has no documentation yet.
func (s *Service) CreateDocumentationPart(ctx context.Context, in *sdk.CreateDocumentationPartInput) (*sdk.CreateDocumentationPartOutput, error) {
	l := *in.Location
	p := types.DocumentationPart{Location: &l, Properties: in.Properties}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if err := cmp.Or(fillLocation(&l), checkDocumentation(in.Properties)); err != nil {
			return err
		}
		all, err := allDocumentationParts(tx, d.ID)
		if err != nil {
			return err
		}
		for _, other := range all {
			if locationName(*other.Location) == locationName(l) {
				return conflict("Documentation part already exists for the specified location: type '%s'.", l.Type)
			}
		}
		if len(all) >= maxDocumentationParts {
			return errTooManyParts()
		}
		p.Id = aws.String(tx.ID(6))
		return documentationParts.Insert(tx, documentationPartDocument(d.ID, p))
	})
	return wire.Answer[sdk.CreateDocumentationPartOutput](p, err)
}

func errTooManyParts() error {
	return &types.LimitExceededException{Message: aws.String("Maximum number of documentation parts for this API has been reached")}
}

// GetDocumentationPart reads a documentation part.
func (s *Service) GetDocumentationPart(ctx context.Context, in *sdk.GetDocumentationPartInput) (*sdk.GetDocumentationPartOutput, error) {
	var p types.DocumentationPart
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationPart(tx, in.RestApiId, in.DocumentationPartId)
		p = d.Value
		return err
	})
	return wire.Answer[sdk.GetDocumentationPartOutput](p, err)
}

// GetDocumentationParts lists the documentation parts of an API, or the places that have none, sorted
// by their location.
func (s *Service) GetDocumentationParts(ctx context.Context, in *sdk.GetDocumentationPartsInput) (*sdk.GetDocumentationPartsOutput, error) {
	out := &sdk.GetDocumentationPartsOutput{Items: []types.DocumentationPart{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		all, err := allDocumentationParts(tx, d.ID)
		if err == nil && in.LocationStatus == types.LocationStatusTypeUndocumented {
			all, err = undocumented(tx, d, all)
		}
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(p types.DocumentationPart) bool { return !asked(in, *p.Location) })
		var page []types.DocumentationPart
		page, out.Position, err = cut(all, func(p types.DocumentationPart) string { return locationName(*p.Location) }, in.Limit, in.Position)
		out.Items = append(out.Items, page...)
		return err
	})
	return out, err
}

// asked says whether a list asks for a location.
func asked(in *sdk.GetDocumentationPartsInput, l types.DocumentationPartLocation) bool {
	return (in.Type == "" || in.Type == l.Type) &&
		(in.Path == nil || *in.Path == aws.ToString(l.Path)) &&
		(in.NameQuery == nil || strings.Contains(aws.ToString(l.Name), *in.NameQuery))
}

// DeleteDocumentationPart removes a documentation part. Versions keep it.
func (s *Service) DeleteDocumentationPart(ctx context.Context, in *sdk.DeleteDocumentationPartInput) (*sdk.DeleteDocumentationPartOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationPart(tx, in.RestApiId, in.DocumentationPartId)
		if err != nil {
			return err
		}
		return documentationParts.Delete(tx, d.ID)
	})
	return &sdk.DeleteDocumentationPartOutput{}, err
}

var documentationPartPatches = patchTable[types.DocumentationPart]{
	rules: []rule[types.DocumentationPart]{
		{types.OpReplace, "/properties", func(p *types.DocumentationPart, c change) error {
			p.Properties = c.value
			return checkDocumentation(c.value)
		}},
	},
	unknown: strict,
}

// UpdateDocumentationPart changes what a documentation part says.
func (s *Service) UpdateDocumentationPart(ctx context.Context, in *sdk.UpdateDocumentationPartInput) (*sdk.UpdateDocumentationPartOutput, error) {
	var out types.DocumentationPart
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationPart(tx, in.RestApiId, in.DocumentationPartId)
		if err != nil {
			return err
		}
		if err := documentationPartPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		out = d.Value
		return documentationParts.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateDocumentationPartOutput](out, err)
}

// ImportDocumentationParts adds the parts of an OpenAPI document's documentation extension, in place
// of those at the same locations or, in mode overwrite, of all.
func (s *Service) ImportDocumentationParts(ctx context.Context, in *sdk.ImportDocumentationPartsInput) (*sdk.ImportDocumentationPartsOutput, error) {
	doc, err := openapi.Read(resolved(ctx, in.Body))
	if err != nil {
		return nil, badRequest("Unable to build importer with provided input.")
	}
	parts, problems := openapi.DocumentationParts(doc.Documentation())
	out := &sdk.ImportDocumentationPartsOutput{Ids: []string{}, Warnings: problems.Warnings}
	if in.FailOnWarnings && len(problems.Warnings) > 0 {
		return nil, badRequest("Warnings found during import:\n\t%s", strings.Join(problems.Warnings, "\n\t"))
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if in.Mode == types.PutModeOverwrite {
			if err := clearKind(tx, documentationParts, d.ID); err != nil {
				return err
			}
		}
		out.Ids, err = putDocumentationParts(tx, d.ID, parts)
		return err
	})
	return out, err
}

// putDocumentationParts writes parts over those at their locations.
func putDocumentationParts(tx *store.Tx, api string, parts []types.DocumentationPart) ([]string, error) {
	all, err := allDocumentationParts(tx, api)
	if err != nil {
		return nil, err
	}
	at := map[string]string{}
	for _, p := range all {
		at[locationName(*p.Location)] = *p.Id
	}
	ids := []string{}
	for _, p := range parts {
		if err := cmp.Or(fillLocation(p.Location), checkDocumentation(p.Properties)); err != nil {
			return nil, err
		}
		name := locationName(*p.Location)
		if at[name] == "" {
			if len(at) >= maxDocumentationParts {
				return nil, errTooManyParts()
			}
			at[name] = tx.ID(6)
		}
		p.Id = aws.String(at[name])
		ids = append(ids, *p.Id)
		if err := documentationParts.Put(tx, documentationPartDocument(api, p)); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
