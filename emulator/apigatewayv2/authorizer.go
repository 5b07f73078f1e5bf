package apigatewayv2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var authorizers = part[types.Authorizer]{
	Kind: store.Kind[types.Authorizer]{Service: service, Name: "authorizer"}, owner: apis.Name, missing: "Invalid Authorizer identifier specified",
}

// CreateAuthorizer adds an authorizer to an API.
func (s *Service) CreateAuthorizer(ctx context.Context, in *sdk.CreateAuthorizerInput) (*sdk.CreateAuthorizerOutput, error) {
	az := types.Authorizer{
		Name: in.Name, AuthorizerType: in.AuthorizerType, AuthorizerUri: text(in.AuthorizerUri), AuthorizerCredentialsArn: text(in.AuthorizerCredentialsArn),
		AuthorizerPayloadFormatVersion: text(in.AuthorizerPayloadFormatVersion), AuthorizerResultTtlInSeconds: in.AuthorizerResultTtlInSeconds,
		EnableSimpleResponses: in.EnableSimpleResponses, IdentitySource: in.IdentitySource,
		IdentityValidationExpression: text(in.IdentityValidationExpression), JwtConfiguration: in.JwtConfiguration,
	}
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		if err := insertAuthorizer(tx, a, &az); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Authorizers, authorizers, *a.ApiId)
	})
	return wire.Answer[sdk.CreateAuthorizerOutput](az, err)
}

// insertAuthorizer completes and checks an authorizer, gives it an id and adds it.
func insertAuthorizer(tx *store.Tx, a types.Api, az *types.Authorizer) error {
	az.AuthorizerId = aws.String(tx.ID(6))
	if err := checkAuthorizer(tx, a, *az); err != nil {
		return err
	}
	return authorizers.Insert(tx, authorizerDocument(a, *az))
}

func authorizerDocument(a types.Api, az types.Authorizer) store.Document[types.Authorizer] {
	return authorizers.document(*a.ApiId, *az.AuthorizerId, *az.Name, az)
}

// GetAuthorizer reads an authorizer.
func (s *Service) GetAuthorizer(ctx context.Context, in *sdk.GetAuthorizerInput) (*sdk.GetAuthorizerOutput, error) {
	az, err := find(ctx, s, authorizers, ofAPI(in.ApiId), in.AuthorizerId)
	return wire.Answer[sdk.GetAuthorizerOutput](az, err)
}

// GetAuthorizers lists the authorizers of an API, oldest first.
func (s *Service) GetAuthorizers(ctx context.Context, in *sdk.GetAuthorizersInput) (*sdk.GetAuthorizersOutput, error) {
	items, next, err := list(ctx, s, authorizers, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetAuthorizersOutput{Items: items, NextToken: next}, err
}

// UpdateAuthorizer changes an authorizer.
func (s *Service) UpdateAuthorizer(ctx context.Context, in *sdk.UpdateAuthorizerInput) (*sdk.UpdateAuthorizerOutput, error) {
	var out types.Authorizer
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := authorizers.get(tx, *a.ApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		out = updatedAuthorizer(d.Value, in)
		if err := checkAuthorizer(tx, a, out); err != nil {
			return err
		}
		return authorizers.Put(tx, authorizerDocument(a, out))
	})
	return wire.Answer[sdk.UpdateAuthorizerOutput](out, err)
}

func updatedAuthorizer(az types.Authorizer, in *sdk.UpdateAuthorizerInput) types.Authorizer {
	set(&az.Name, in.Name)
	setEnum(&az.AuthorizerType, in.AuthorizerType)
	setText(&az.AuthorizerUri, in.AuthorizerUri)
	setText(&az.AuthorizerCredentialsArn, in.AuthorizerCredentialsArn)
	setText(&az.AuthorizerPayloadFormatVersion, in.AuthorizerPayloadFormatVersion)
	set(&az.AuthorizerResultTtlInSeconds, in.AuthorizerResultTtlInSeconds)
	set(&az.EnableSimpleResponses, in.EnableSimpleResponses)
	setList(&az.IdentitySource, in.IdentitySource)
	setText(&az.IdentityValidationExpression, in.IdentityValidationExpression)
	if in.JwtConfiguration != nil {
		jwt := types.JWTConfiguration{}
		if az.JwtConfiguration != nil {
			jwt = *az.JwtConfiguration
		}
		setList(&jwt.Audience, in.JwtConfiguration.Audience)
		set(&jwt.Issuer, in.JwtConfiguration.Issuer)
		az.JwtConfiguration = &jwt
	}
	return az
}

// DeleteAuthorizer removes an authorizer that no route uses.
func (s *Service) DeleteAuthorizer(ctx context.Context, in *sdk.DeleteAuthorizerInput) (*sdk.DeleteAuthorizerOutput, error) {
	err := remove(ctx, s, authorizers, in.ApiId, ofAPI(in.ApiId), in.AuthorizerId, authorizerIsFree)
	return &sdk.DeleteAuthorizerOutput{}, err
}

// authorizerIsFree refuses what a route names. The text was recorded.
func authorizerIsFree(tx *store.Tx, a types.Api, az types.Authorizer) error {
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	for _, r := range all {
		if aws.ToString(r.AuthorizerId) == *az.AuthorizerId {
			return conflict("Cannot delete authorizer '%s', is referenced in route: %s", *az.Name, *r.RouteKey)
		}
	}
	return nil
}
