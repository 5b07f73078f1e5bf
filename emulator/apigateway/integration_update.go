package apigateway

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

var integrationPatches = patchTable[types.Integration]{
	rules: []rule[types.Integration]{
		{types.OpReplace, "/httpMethod", setText(func(i *types.Integration) **string { return &i.HttpMethod })},
		{types.OpReplace, "/uri", setText(func(i *types.Integration) **string { return &i.Uri })},
		{types.OpReplace, "/credentials", setText(integrationRole)},
		{types.OpRemove, "/credentials", setText(integrationRole)},
		{types.OpReplace, "/passthroughBehavior", setPassthrough},
		{types.OpReplace, "/contentHandling", setHandling(integrationHandling)},
		{types.OpRemove, "/contentHandling", setHandling(integrationHandling)},
		{types.OpReplace, "/timeoutInMillis", setTimeout},
		{types.OpReplace, "/cacheNamespace", setText(func(i *types.Integration) **string { return &i.CacheNamespace })},
		{types.OpReplace, "/connectionType", setConnection},
		{types.OpReplace, "/connectionId", setText(func(i *types.Integration) **string { return &i.ConnectionId })},
		{types.OpReplace, "/tlsConfig/insecureSkipVerification", func(i *types.Integration, c change) error {
			i.TlsConfig = &types.TlsConfig{InsecureSkipVerification: c.flag()}
			return nil
		}},
		{types.OpReplace, "/responseTransferMode", setTransferMode},
		{types.OpReplace, "/integrationTarget", setText(func(i *types.Integration) **string { return &i.IntegrationTarget })},
		{types.OpAdd, "/requestParameters/{name}", putEntry(integrationParameters, change.text)},
		{types.OpReplace, "/requestParameters/{name}", putEntry(integrationParameters, change.text)},
		{types.OpRemove, "/requestParameters/{name}", dropEntry(integrationParameters, noParameter)},
		{types.OpAdd, "/requestTemplates/{contentType}", putEntry(integrationTemplates, change.text)},
		{types.OpReplace, "/requestTemplates/{contentType}", putEntry(integrationTemplates, change.text)},
		{types.OpRemove, "/requestTemplates/{contentType}", dropEntry(integrationTemplates, noContentType)},
		{types.OpAdd, "/cacheKeyParameters/{name}", addCacheKey},
		{types.OpReplace, "/cacheKeyParameters/{name}", addCacheKey},
		{types.OpRemove, "/cacheKeyParameters/{name}", removeCacheKey},
	},
	unknown: loose,
}

func integrationRole(i *types.Integration) **string                 { return &i.Credentials }
func integrationParameters(i *types.Integration) *map[string]string { return &i.RequestParameters }
func integrationTemplates(i *types.Integration) *map[string]string  { return &i.RequestTemplates }
func integrationHandling(i *types.Integration) *types.ContentHandlingStrategy {
	return &i.ContentHandling
}

func setPassthrough(i *types.Integration, c change) error {
	i.PassthroughBehavior = aws.String(strings.ToUpper(c.text()))
	return nil
}

// setHandling sets a content handling; none takes it away.
func setHandling[T any](member func(*T) *types.ContentHandlingStrategy) func(*T, change) error {
	return func(t *T, c change) error {
		h := types.ContentHandlingStrategy(c.text())
		if h != "" && !valid(h, h.Values()) {
			return badRequest("Invalid content handling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT")
		}
		*member(t) = h
		return nil
	}
}

func setTimeout(i *types.Integration, c change) error {
	n, err := strconv.ParseInt(c.text(), 10, 32)
	if err != nil {
		n = 0 // which is out of range
	}
	i.TimeoutInMillis = int32(n)
	return nil
}

func setConnection(i *types.Integration, c change) error {
	i.ConnectionType = types.ConnectionType(c.text())
	if !valid(i.ConnectionType, i.ConnectionType.Values()) {
		return badRequest("Invalid connection type specified. Valid options are INTERNET,VPC_LINK")
	}
	return nil
}

func setTransferMode(i *types.Integration, c change) error {
	i.ResponseTransferMode = types.ResponseTransferMode(c.text())
	if !valid(i.ResponseTransferMode, i.ResponseTransferMode.Values()) {
		return badRequest("Invalid response transfer mode specified. Valid options are BUFFERED,STREAM")
	}
	return nil
}

func addCacheKey(i *types.Integration, c change) error {
	if !slices.Contains(i.CacheKeyParameters, c.args[0]) {
		i.CacheKeyParameters = append(i.CacheKeyParameters, c.args[0])
	}
	return nil
}

func removeCacheKey(i *types.Integration, c change) error {
	i.CacheKeyParameters = slices.DeleteFunc(i.CacheKeyParameters, func(s string) bool { return s == c.args[0] })
	return nil
}

// UpdateIntegration changes what a method calls and how.
func (s *Service) UpdateIntegration(ctx context.Context, in *sdk.UpdateIntegrationInput) (*sdk.UpdateIntegrationOutput, error) {
	var out types.Integration
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(tx *store.Tx, m *types.Method) error {
		i, err := getIntegration(*m)
		if err != nil {
			return err
		}
		if err := integrationPatches.apply(&i, in.PatchOperations); err != nil {
			return err
		}
		out, m.MethodIntegration = i, &i
		return checkIntegration(tx, in.RestApiId, *m)
	})
	return wire.Answer[sdk.UpdateIntegrationOutput](out, err)
}

var integrationResponsePatches = patchTable[types.IntegrationResponse]{
	rules: []rule[types.IntegrationResponse]{
		{types.OpReplace, "/selectionPattern", setText(selectionPattern)},
		{types.OpRemove, "/selectionPattern", setText(selectionPattern)},
		{types.OpReplace, "/contentHandling", setHandling(responseHandling)},
		{types.OpRemove, "/contentHandling", setHandling(responseHandling)},
		{types.OpAdd, "/responseParameters/{name}", putEntry(responseMapping, change.text)},
		{types.OpReplace, "/responseParameters/{name}", putEntry(responseMapping, change.text)},
		{types.OpRemove, "/responseParameters/{name}", dropEntry(responseMapping, noParameter)},
		{types.OpAdd, "/responseTemplates/{contentType}", putEntry(responseTemplates, change.text)},
		{types.OpReplace, "/responseTemplates/{contentType}", putEntry(responseTemplates, change.text)},
		{types.OpRemove, "/responseTemplates/{contentType}", dropEntry(responseTemplates, noContentType)},
	},
	unknown: loose,
}

func selectionPattern(r *types.IntegrationResponse) **string            { return &r.SelectionPattern }
func responseMapping(r *types.IntegrationResponse) *map[string]string   { return &r.ResponseParameters }
func responseTemplates(r *types.IntegrationResponse) *map[string]string { return &r.ResponseTemplates }
func responseHandling(r *types.IntegrationResponse) *types.ContentHandlingStrategy {
	return &r.ContentHandling
}

// UpdateIntegrationResponse changes what becomes of an integration's response.
func (s *Service) UpdateIntegrationResponse(ctx context.Context, in *sdk.UpdateIntegrationResponseInput) (*sdk.UpdateIntegrationResponseOutput, error) {
	if err := checkStatusCode("statusCode", *in.StatusCode); err != nil {
		return nil, err
	}
	var out types.IntegrationResponse
	err := s.changeMethod(ctx, methodKey{in.RestApiId, in.ResourceId, in.HttpMethod}, func(_ *store.Tx, m *types.Method) error {
		r, err := getIntegrationResponse(*m, in.StatusCode)
		if err != nil {
			return err
		}
		if err := integrationResponsePatches.apply(&r, in.PatchOperations); err != nil {
			return err
		}
		out, m.MethodIntegration.IntegrationResponses[*in.StatusCode] = r, r
		return checkIntegrationResponse(*m, r)
	})
	return wire.Answer[sdk.UpdateIntegrationResponseOutput](out, err)
}
