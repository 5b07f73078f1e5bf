package apigateway

import (
	"context"
	"postern/emulator/lazyregexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A documentationVersion is the documentation parts as they were, which nothing changes any more.
type documentationVersion struct {
	Version types.DocumentationVersion
	Parts   []types.DocumentationPart
}

// documentationVersions are stored under "restApiId/version".
var documentationVersions = store.Kind[documentationVersion]{Service: service, Name: "documentationversion"}

func getDocumentationVersion(tx *store.Tx, api, version *string) (store.Document[documentationVersion], error) {
	a, err := getAPI(tx, api)
	if err != nil {
		return store.Document[documentationVersion]{}, err
	}
	d, err := documentationVersions.Get(tx, a.ID+"/"+aws.ToString(version))
	return d, missing(err, "Invalid Documentation version specified")
}

var documentationName = lazyregexp.New(`^[a-zA-Z0-9._-]{1,64}$`)

// CreateDocumentationVersion keeps the documentation as it is now and, where a stage is named, lets
// the stage have it.
func (s *Service) CreateDocumentationVersion(ctx context.Context, in *sdk.CreateDocumentationVersionInput) (*sdk.CreateDocumentationVersionOutput, error) {
	v := types.DocumentationVersion{Version: in.DocumentationVersion, Description: in.Description}
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		if !documentationName.MatchString(*in.DocumentationVersion) {
			return badRequest("Invalid Documentation version specified. A version has up to 64 of a-zA-Z0-9._-")
		}
		parts, err := allDocumentationParts(tx, d.ID)
		if err != nil {
			return err
		}
		v.CreatedDate = aws.Time(tx.Now().Truncate(time.Second))
		err = documentationVersions.Insert(tx, store.Document[documentationVersion]{
			ID: d.ID + "/" + *v.Version, Parent: apiRef(d.ID), Name: *v.Version, Value: documentationVersion{v, parts},
		})
		if err != nil {
			return taken(err, "Documentation version already exists")
		}
		return documentStage(tx, in)
	})
	return wire.Answer[sdk.CreateDocumentationVersionOutput](v, err)
}

func documentStage(tx *store.Tx, in *sdk.CreateDocumentationVersionInput) error {
	if aws.ToString(in.StageName) == "" {
		return nil
	}
	d, err := getStage(tx, in.RestApiId, in.StageName)
	if err != nil {
		return err
	}
	d.Value.DocumentationVersion = in.DocumentationVersion
	d.Value.LastUpdatedDate = aws.Time(tx.Now().Truncate(time.Second))
	return stages.Put(tx, d)
}

// GetDocumentationVersion reads a version of the documentation, without its parts.
func (s *Service) GetDocumentationVersion(ctx context.Context, in *sdk.GetDocumentationVersionInput) (*sdk.GetDocumentationVersionOutput, error) {
	var v types.DocumentationVersion
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationVersion(tx, in.RestApiId, in.DocumentationVersion)
		v = d.Value.Version
		return err
	})
	return wire.Answer[sdk.GetDocumentationVersionOutput](v, err)
}

// GetDocumentationVersions lists the versions of an API's documentation, oldest first.
func (s *Service) GetDocumentationVersions(ctx context.Context, in *sdk.GetDocumentationVersionsInput) (*sdk.GetDocumentationVersionsOutput, error) {
	out := &sdk.GetDocumentationVersionsOutput{Items: []types.DocumentationVersion{}}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		found, next, err := list(tx, documentationVersions, store.Query{Parent: apiRef(d.ID), Order: store.ByCreated}, in.Limit, in.Position)
		for _, v := range found {
			out.Items = append(out.Items, v.Version)
		}
		out.Position = next
		return err
	})
	return out, err
}

// DeleteDocumentationVersion removes a version of the documentation.
func (s *Service) DeleteDocumentationVersion(ctx context.Context, in *sdk.DeleteDocumentationVersionInput) (*sdk.DeleteDocumentationVersionOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationVersion(tx, in.RestApiId, in.DocumentationVersion)
		if err != nil {
			return err
		}
		return documentationVersions.Delete(tx, d.ID)
	})
	return &sdk.DeleteDocumentationVersionOutput{}, err
}

var documentationVersionPatches = patchTable[types.DocumentationVersion]{
	rules: []rule[types.DocumentationVersion]{
		{types.OpReplace, "/description", setText(func(v *types.DocumentationVersion) **string { return &v.Description })},
	},
	unknown: strict,
}

// UpdateDocumentationVersion changes the description of a version.
func (s *Service) UpdateDocumentationVersion(ctx context.Context, in *sdk.UpdateDocumentationVersionInput) (*sdk.UpdateDocumentationVersionOutput, error) {
	var out types.DocumentationVersion
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getDocumentationVersion(tx, in.RestApiId, in.DocumentationVersion)
		if err != nil {
			return err
		}
		if err := documentationVersionPatches.apply(&d.Value.Version, in.PatchOperations); err != nil {
			return err
		}
		out = d.Value.Version
		return documentationVersions.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateDocumentationVersionOutput](out, err)
}
