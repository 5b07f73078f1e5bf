package apigatewayv2

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var integrationResponses = part[types.IntegrationResponse]{
	Kind:  store.Kind[types.IntegrationResponse]{Service: service, Name: "integrationresponse"},
	owner: integrations.Name, missing: "Invalid IntegrationResponse identifier specified",
}

func ofIntegration(api, id *string) owner {
	return func(tx *store.Tx) (string, error) {
		d, err := integrations.find(tx, ofAPI(api), id)
		return d.ID, err
	}
}

// CreateIntegrationResponse says what is made of some answers of an integration of a WebSocket API.
func (s *Service) CreateIntegrationResponse(ctx context.Context, in *sdk.CreateIntegrationResponseInput) (*sdk.CreateIntegrationResponseOutput, error) {
	r := types.IntegrationResponse{
		IntegrationResponseKey: in.IntegrationResponseKey, ContentHandlingStrategy: in.ContentHandlingStrategy,
		TemplateSelectionExpression: text(in.TemplateSelectionExpression),
	}
	setMap(&r.ResponseParameters, in.ResponseParameters)
	setMap(&r.ResponseTemplates, in.ResponseTemplates)
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		i, err := integrations.get(tx, *a.ApiId, in.IntegrationId)
		if err != nil {
			return err
		}
		r.IntegrationResponseId = aws.String(tx.ID(7))
		if err := checkIntegrationResponse(tx, a, i.ID, r); err != nil {
			return err
		}
		return integrationResponses.Insert(tx, integrationResponses.document(i.ID, *r.IntegrationResponseId, *r.IntegrationResponseKey, r))
	})
	return wire.Answer[sdk.CreateIntegrationResponseOutput](r, err)
}

// checkIntegrationResponse: the text about HTTP APIs is cdk-preflight's, those about the key are not known.
func checkIntegrationResponse(tx *store.Tx, a types.Api, integration string, r types.IntegrationResponse) error {
	if !isWebSocket(a) {
		return badRequest("IntegrationResponses are currently not supported for this API protocol type.")
	}
	err := cmp.Or(
		checkResponseKey(aws.ToString(r.IntegrationResponseKey)),
		checkTemplates(r.ResponseTemplates),
		checkResponseMapping(r.ResponseParameters),
	)
	if err != nil {
		return err
	}
	all, err := integrationResponses.all(tx, integration)
	for _, other := range all {
		if *other.IntegrationResponseKey == *r.IntegrationResponseKey && *other.IntegrationResponseId != *r.IntegrationResponseId {
			return conflict("IntegrationResponse with key %s already exists for this integration", *r.IntegrationResponseKey)
		}
	}
	return err
}

// checkResponseKey takes $default, or a regular expression between slashes.
func checkResponseKey(key string) error {
	if key == defaultRoute {
		return nil
	}
	inner, opened := strings.CutPrefix(key, "/")
	inner, closed := strings.CutSuffix(inner, "/")
	if _, err := regexp.Compile(inner); err != nil || !opened || !closed || inner == "" {
		return badRequest("Invalid integration response key specified: %s. It must be $default or a regular expression between slashes.", key)
	}
	return nil
}

// GetIntegrationResponse reads a response of an integration.
func (s *Service) GetIntegrationResponse(ctx context.Context, in *sdk.GetIntegrationResponseInput) (*sdk.GetIntegrationResponseOutput, error) {
	r, err := find(ctx, s, integrationResponses, ofIntegration(in.ApiId, in.IntegrationId), in.IntegrationResponseId)
	return wire.Answer[sdk.GetIntegrationResponseOutput](r, err)
}

// GetIntegrationResponses lists the responses of an integration, oldest first.
func (s *Service) GetIntegrationResponses(ctx context.Context, in *sdk.GetIntegrationResponsesInput) (*sdk.GetIntegrationResponsesOutput, error) {
	items, next, err := list(ctx, s, integrationResponses, ofIntegration(in.ApiId, in.IntegrationId), in.MaxResults, in.NextToken)
	return &sdk.GetIntegrationResponsesOutput{Items: items, NextToken: next}, err
}

// UpdateIntegrationResponse changes a response of an integration.
func (s *Service) UpdateIntegrationResponse(ctx context.Context, in *sdk.UpdateIntegrationResponseInput) (*sdk.UpdateIntegrationResponseOutput, error) {
	var out types.IntegrationResponse
	err := s.change(ctx, in.ApiId, func(tx *store.Tx, a types.Api) error {
		d, err := integrationResponses.find(tx, ofIntegration(in.ApiId, in.IntegrationId), in.IntegrationResponseId)
		if err != nil {
			return err
		}
		r := &d.Value
		set(&r.IntegrationResponseKey, in.IntegrationResponseKey)
		setEnum(&r.ContentHandlingStrategy, in.ContentHandlingStrategy)
		mergeMap(&r.ResponseParameters, in.ResponseParameters)
		setMap(&r.ResponseTemplates, in.ResponseTemplates)
		setText(&r.TemplateSelectionExpression, in.TemplateSelectionExpression)
		out = *r
		if err := checkIntegrationResponse(tx, a, d.Parent.ID, out); err != nil {
			return err
		}
		return integrationResponses.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateIntegrationResponseOutput](out, err)
}

// DeleteIntegrationResponse removes a response of an integration.
func (s *Service) DeleteIntegrationResponse(ctx context.Context, in *sdk.DeleteIntegrationResponseInput) (*sdk.DeleteIntegrationResponseOutput, error) {
	err := remove(ctx, s, integrationResponses, in.ApiId, ofIntegration(in.ApiId, in.IntegrationId), in.IntegrationResponseId, nil)
	return &sdk.DeleteIntegrationResponseOutput{}, err
}
