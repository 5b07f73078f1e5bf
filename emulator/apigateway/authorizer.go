package apigateway

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// authorizers are stored under "restApiId/authorizerId". Their TTL is nil where none was
// given: 300 is in effect then, and AWS does not show it (recorded of an import).
var authorizers = store.Kind[types.Authorizer]{Service: service, Name: "authorizer"}

func authorizerDocument(api string, a types.Authorizer) store.Document[types.Authorizer] {
	return store.Document[types.Authorizer]{ID: api + "/" + *a.Id, Parent: apiRef(api), Name: aws.ToString(a.Name), Value: a}
}

// getAuthorizer reads an authorizer of an API, which may be the one not to be there.
func getAuthorizer(tx *store.Tx, api, id *string) (store.Document[types.Authorizer], error) {
	d, err := authorizers.Get(tx, aws.ToString(api)+"/"+aws.ToString(id))
	if errors.Is(err, store.ErrNotFound) {
		if _, err := getAPI(tx, api); err != nil {
			return d, err
		}
	}
	return d, missing(err, "Invalid Authorizer identifier specified")
}

func allAuthorizers(tx *store.Tx, api string) (all []types.Authorizer, err error) {
	p, err := authorizers.List(tx, store.Query{Parent: apiRef(api), Order: store.ByCreated})
	for _, d := range p.Documents {
		all = append(all, d.Value)
	}
	return all, err
}

// CreateAuthorizer adds an authorizer to an API.
func (s *Service) CreateAuthorizer(ctx context.Context, in *sdk.CreateAuthorizerInput) (*sdk.CreateAuthorizerOutput, error) {
	a := types.Authorizer{
		Name: in.Name, Type: in.Type, AuthType: in.AuthType, ProviderARNs: in.ProviderARNs,
		AuthorizerUri: in.AuthorizerUri, AuthorizerCredentials: in.AuthorizerCredentials,
		IdentitySource: in.IdentitySource, IdentityValidationExpression: in.IdentityValidationExpression,
		AuthorizerResultTtlInSeconds: in.AuthorizerResultTtlInSeconds,
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		a.Id = aws.String(tx.ID(6))
		fillAuthorizer(&a)
		if err := checkAuthorizer(scope(ctx), tx, *in.RestApiId, a); err != nil {
			return err
		}
		err := authorizers.Insert(tx, authorizerDocument(*in.RestApiId, a))
		if errors.Is(err, store.ErrNotFound) {
			// This is what AWS was recorded to say of an API that is not there, after it has looked at the authorizer.
			return conflict("Unable to complete operation due to concurrent modification. Please try again later.")
		}
		if err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Authorizers, authorizers, *in.RestApiId)
	})
	return wire.Answer[sdk.CreateAuthorizerOutput](a, err)
}

// GetAuthorizer reads an authorizer.
func (s *Service) GetAuthorizer(ctx context.Context, in *sdk.GetAuthorizerInput) (*sdk.GetAuthorizerOutput, error) {
	var a types.Authorizer
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAuthorizer(tx, in.RestApiId, in.AuthorizerId)
		a = d.Value
		return err
	})
	return wire.Answer[sdk.GetAuthorizerOutput](a, err)
}

// GetAuthorizers lists the authorizers of an API, oldest first.
func (s *Service) GetAuthorizers(ctx context.Context, in *sdk.GetAuthorizersInput) (*sdk.GetAuthorizersOutput, error) {
	out := &sdk.GetAuthorizersOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		q := store.Query{Parent: apiRef(d.ID), Order: store.ByCreated}
		out.Items, out.Position, err = list(tx, authorizers, q, in.Limit, in.Position)
		return err
	})
	return out, err
}

// DeleteAuthorizer removes an authorizer that no method uses.
func (s *Service) DeleteAuthorizer(ctx context.Context, in *sdk.DeleteAuthorizerInput) (*sdk.DeleteAuthorizerOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAuthorizer(tx, in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		if err := authorizerIsFree(tx, *in.RestApiId, d.Value); err != nil {
			return err
		}
		return authorizers.Delete(tx, d.ID)
	})
	return &sdk.DeleteAuthorizerOutput{}, err
}

// authorizerIsFree refuses what a method names. The text is as seen on AWS: "is referenced in
// method: GET//test".
func authorizerIsFree(tx *store.Tx, api string, a types.Authorizer) error {
	all, err := allResources(tx, api)
	if err != nil {
		return err
	}
	for _, r := range all {
		for _, verb := range slices.Sorted(maps.Keys(r.ResourceMethods)) {
			if aws.ToString(r.ResourceMethods[verb].AuthorizerId) == *a.Id {
				return conflict("Cannot delete authorizer '%s', is referenced in method: %s/%s", *a.Name, verb, *r.Path)
			}
		}
	}
	return nil
}

// FlushStageAuthorizersCache forgets what authorizers have said on a stage.
func (s *Service) FlushStageAuthorizersCache(ctx context.Context, in *sdk.FlushStageAuthorizersCacheInput) (*sdk.FlushStageAuthorizersCacheOutput, error) {
	err := s.view(ctx, func(tx *store.Tx) error {
		_, err := getStage(tx, in.RestApiId, in.StageName)
		return err
	})
	if err == nil && s.publisher != nil {
		s.publisher.FlushAuthorizers(*in.RestApiId, *in.StageName)
	}
	return &sdk.FlushStageAuthorizersCacheOutput{}, err
}
