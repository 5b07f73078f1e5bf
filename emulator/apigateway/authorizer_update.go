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

var authorizerPatches = patchTable[types.Authorizer]{
	rules: []rule[types.Authorizer]{
		{types.OpReplace, "/name", setText(func(a *types.Authorizer) **string { return &a.Name })},
		{types.OpReplace, "/type", setAuthorizerType},
		{types.OpReplace, "/authType", setText(func(a *types.Authorizer) **string { return &a.AuthType })},
		{types.OpReplace, "/authorizerUri", setText(func(a *types.Authorizer) **string { return &a.AuthorizerUri })},
		{types.OpReplace, "/authorizerCredentials", setText(func(a *types.Authorizer) **string { return &a.AuthorizerCredentials })},
		{types.OpReplace, "/identitySource", setText(func(a *types.Authorizer) **string { return &a.IdentitySource })},
		{types.OpReplace, "/identityValidationExpression", setText(func(a *types.Authorizer) **string { return &a.IdentityValidationExpression })},
		{types.OpReplace, "/authorizerResultTtlInSeconds", setAuthorizerTTL},
		{types.OpAdd, "/providerARNs", addProvider},
		{types.OpAdd, "/identitySource", addIdentitySource},
		{types.OpRemove, "/identitySource", removeIdentitySource},
		{types.OpRemove, "/providerARNs", removeProvider},
		{types.OpRemove, "/providerARNs/{arn}", removeProvider},
	},
	unknown: strict,
}

func setAuthorizerType(a *types.Authorizer, c change) error {
	kind := types.AuthorizerType(c.text())
	if !slices.Contains(kind.Values(), kind) {
		return badRequest("Invalid authorizer type specified. Valid options are [TOKEN, REQUEST, COGNITO_USER_POOLS]")
	}
	a.Type, a.AuthType = kind, nil
	fillAuthorizer(a)
	return nil
}

func setAuthorizerTTL(a *types.Authorizer, c change) error {
	ttl, err := strconv.ParseInt(c.text(), 10, 32)
	if err != nil {
		return badRequest("Invalid TTL specified: %s. Authorizer result TTL should be between 0 and %d seconds.", c.text(), maxAuthorizerTTL)
	}
	a.AuthorizerResultTtlInSeconds = aws.Int32(int32(ttl))
	return nil
}

// addIdentitySource puts one more source behind those that there are, with AWS's comma between them.
func addIdentitySource(a *types.Authorizer, c change) error {
	sources := identitySources(a)
	if !slices.Contains(sources, c.text()) {
		a.IdentitySource = aws.String(strings.Join(append(sources, c.text()), ", "))
	}
	return nil
}

// removeIdentitySource removes the source that is the value; without one, all.
func removeIdentitySource(a *types.Authorizer, c change) error {
	left := slices.DeleteFunc(identitySources(a), func(s string) bool { return c.text() == "" || s == c.text() })
	a.IdentitySource = nil
	if len(left) > 0 {
		a.IdentitySource = aws.String(strings.Join(left, ", "))
	}
	return nil
}

func identitySources(a *types.Authorizer) (sources []string) {
	for s := range strings.SplitSeq(aws.ToString(a.IdentitySource), ",") {
		if s = strings.TrimSpace(s); s != "" {
			sources = append(sources, s)
		}
	}
	return sources
}

func addProvider(a *types.Authorizer, c change) error {
	if !slices.Contains(a.ProviderARNs, c.text()) {
		a.ProviderARNs = append(a.ProviderARNs, c.text())
	}
	return nil
}

// removeProvider takes the ARN as the value or in the path.
func removeProvider(a *types.Authorizer, c change) error {
	arn := c.text()
	if len(c.args) > 0 {
		arn = c.args[0]
	}
	a.ProviderARNs = slices.DeleteFunc(a.ProviderARNs, func(s string) bool { return s == arn })
	return nil
}

// UpdateAuthorizer changes an authorizer. What is deployed keeps the one that it was deployed with.
func (s *Service) UpdateAuthorizer(ctx context.Context, in *sdk.UpdateAuthorizerInput) (*sdk.UpdateAuthorizerOutput, error) {
	var out types.Authorizer
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAuthorizer(tx, in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		if err := authorizerPatches.apply(&d.Value, in.PatchOperations); err != nil {
			return err
		}
		if err := checkAuthorizer(scope(ctx), tx, *in.RestApiId, d.Value); err != nil {
			return err
		}
		out, d.Name = d.Value, *d.Value.Name
		return authorizers.Put(tx, d)
	})
	return wire.Answer[sdk.UpdateAuthorizerOutput](out, err)
}
