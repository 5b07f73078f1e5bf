package apigatewayv2

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/quota"
	"postern/emulator/store"
	"postern/emulator/wire"
)

var integrations = part[types.Integration]{
	Kind: store.Kind[types.Integration]{Service: service, Name: "integration"}, owner: apis.Name, missing: "Invalid Integration identifier specified",
}

// CreateIntegration adds an integration to an API.
func (s *Service) CreateIntegration(ctx context.Context, in *sdk.CreateIntegrationInput) (*sdk.CreateIntegrationOutput, error) {
	i := types.Integration{
		ConnectionId: text(in.ConnectionId), ConnectionType: in.ConnectionType, ContentHandlingStrategy: in.ContentHandlingStrategy,
		CredentialsArn: text(in.CredentialsArn), Description: text(in.Description), IntegrationMethod: text(in.IntegrationMethod),
		IntegrationSubtype: text(in.IntegrationSubtype), IntegrationType: in.IntegrationType, IntegrationUri: text(in.IntegrationUri),
		PassthroughBehavior: in.PassthroughBehavior, PayloadFormatVersion: text(in.PayloadFormatVersion),
		TemplateSelectionExpression: text(in.TemplateSelectionExpression), TimeoutInMillis: in.TimeoutInMillis, TlsConfig: tls(in.TlsConfig),
	}
	setMap(&i.RequestParameters, in.RequestParameters)
	setMap(&i.RequestTemplates, in.RequestTemplates)
	setMap(&i.ResponseParameters, in.ResponseParameters)
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		if err := insertIntegration(tx, a, &i); err != nil {
			return err
		}
		return within(tx, s.quotas, quota.Integrations, integrations, *a.ApiId)
	})
	return wire.Answer[sdk.CreateIntegrationOutput](i, err)
}

func tls(in *types.TlsConfigInput) *types.TlsConfig {
	if in == nil || text(in.ServerNameToVerify) == nil {
		return nil
	}
	return &types.TlsConfig{ServerNameToVerify: in.ServerNameToVerify}
}

// insertIntegration completes and checks an integration, gives it an id and adds it.
func insertIntegration(tx *store.Tx, a types.Api, i *types.Integration) error {
	i.IntegrationId = aws.String(tx.ID(7))
	fillIntegration(a, i)
	if err := checkIntegration(tx, a, *i); err != nil {
		return err
	}
	return integrations.Insert(tx, integrationDocument(a, *i))
}

// putIntegration completes, checks and stores an integration that was changed.
func putIntegration(tx *store.Tx, a types.Api, i *types.Integration) error {
	fillIntegration(a, i)
	if err := checkIntegration(tx, a, *i); err != nil {
		return err
	}
	return integrations.Put(tx, integrationDocument(a, *i))
}

func integrationDocument(a types.Api, i types.Integration) store.Document[types.Integration] {
	return integrations.document(*a.ApiId, *i.IntegrationId, "", i)
}

// GetIntegration reads an integration.
func (s *Service) GetIntegration(ctx context.Context, in *sdk.GetIntegrationInput) (*sdk.GetIntegrationOutput, error) {
	i, err := find(ctx, s, integrations, ofAPI(in.ApiId), in.IntegrationId)
	return wire.Answer[sdk.GetIntegrationOutput](i, err)
}

// GetIntegrations lists the integrations of an API, oldest first.
func (s *Service) GetIntegrations(ctx context.Context, in *sdk.GetIntegrationsInput) (*sdk.GetIntegrationsOutput, error) {
	items, next, err := list(ctx, s, integrations, ofAPI(in.ApiId), in.MaxResults, in.NextToken)
	return &sdk.GetIntegrationsOutput{Items: items, NextToken: next}, err
}

// UpdateIntegration changes an integration.
func (s *Service) UpdateIntegration(ctx context.Context, in *sdk.UpdateIntegrationInput) (*sdk.UpdateIntegrationOutput, error) {
	var out types.Integration
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := integrations.get(tx, *a.ApiId, in.IntegrationId)
		if err != nil {
			return err
		}
		out = updatedIntegration(d.Value, in)
		return putIntegration(tx, a, &out)
	})
	return wire.Answer[sdk.UpdateIntegrationOutput](out, err)
}

// updatedIntegration is an integration with what an update has. Request parameters are merged and an
// empty one goes; a status code's response parameters are replaced and go where they are none (HTTP API
// guide, "Transform API requests and responses").
func updatedIntegration(i types.Integration, in *sdk.UpdateIntegrationInput) types.Integration {
	setText(&i.ConnectionId, in.ConnectionId)
	setEnum(&i.ConnectionType, in.ConnectionType)
	setEnum(&i.ContentHandlingStrategy, in.ContentHandlingStrategy)
	setText(&i.CredentialsArn, in.CredentialsArn)
	setText(&i.Description, in.Description)
	setText(&i.IntegrationMethod, in.IntegrationMethod)
	setText(&i.IntegrationSubtype, in.IntegrationSubtype)
	setEnum(&i.IntegrationType, in.IntegrationType)
	setText(&i.IntegrationUri, in.IntegrationUri)
	setEnum(&i.PassthroughBehavior, in.PassthroughBehavior)
	setText(&i.PayloadFormatVersion, in.PayloadFormatVersion)
	mergeMap(&i.RequestParameters, in.RequestParameters)
	setMap(&i.RequestTemplates, in.RequestTemplates)
	merge(&i.ResponseParameters, in.ResponseParameters, func(m map[string]string) bool { return len(m) == 0 })
	setText(&i.TemplateSelectionExpression, in.TemplateSelectionExpression)
	set(&i.TimeoutInMillis, in.TimeoutInMillis)
	if in.TlsConfig != nil {
		i.TlsConfig = tls(in.TlsConfig)
	}
	return i
}

// DeleteIntegration removes an integration that no route has as its target.
func (s *Service) DeleteIntegration(ctx context.Context, in *sdk.DeleteIntegrationInput) (*sdk.DeleteIntegrationOutput, error) {
	err := remove(ctx, s, integrations, in.ApiId, ofAPI(in.ApiId), in.IntegrationId, integrationIsFree)
	return &sdk.DeleteIntegrationOutput{}, err
}

// integrationIsFree refuses what is managed and what routes have as their target. The text about these was seen
// (terraform-aws-next-js issue 247).
func integrationIsFree(tx *store.Tx, a types.Api, i types.Integration) error {
	if aws.ToBool(i.ApiGatewayManaged) {
		return errManaged("integration")
	}
	all, err := routes.all(tx, *a.ApiId)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range all {
		if aws.ToString(r.Target) == "integrations/"+*i.IntegrationId {
			ids = append(ids, *r.RouteId)
		}
	}
	if len(ids) > 0 {
		return conflict("Cannot delete Integration because it is referenced by the following Routes with Ids: [%s]", strings.Join(ids, ", "))
	}
	return nil
}
