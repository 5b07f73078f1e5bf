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

var restAPIPatches = patchTable[types.RestApi]{
	rules: []rule[types.RestApi]{
		{types.OpReplace, "/name", func(a *types.RestApi, c change) error { a.Name = aws.String(c.text()); return nil }},
		{types.OpAdd, "/description", setText(apiDescription)},
		{types.OpReplace, "/description", setText(apiDescription)},
		{types.OpRemove, "/description", setText(apiDescription)},
		{types.OpReplace, "/version", setText(func(a *types.RestApi) **string { return &a.Version })},
		{types.OpReplace, "/minimumCompressionSize", setCompression},
		{types.OpReplace, "/apiKeySource", setKeySource},
		{types.OpReplace, "/policy", setText(apiPolicy)},
		{types.OpRemove, "/policy", setText(apiPolicy)},
		{types.OpReplace, "/disableExecuteApiEndpoint", setFlag(func(a *types.RestApi) *bool { return &a.DisableExecuteApiEndpoint })},
		{types.OpReplace, "/securityPolicy", setSecurityPolicy},
		{types.OpReplace, "/endpointAccessMode", setAccessMode},
		{types.OpReplace, "/endpointConfiguration/types/{old}", setEndpointType},
		{types.OpReplace, "/endpointConfiguration/ipAddressType", setAddressType},
		{types.OpAdd, "/endpointConfiguration/vpcEndpointIds", addVPCEndpoint},
		{types.OpRemove, "/endpointConfiguration/vpcEndpointIds", removeVPCEndpoint},
		{types.OpRemove, "/endpointConfiguration/vpcEndpointIds/{id}", removeVPCEndpoint},
		{types.OpAdd, "/binaryMediaTypes/{type}", addBinaryType},
		{types.OpReplace, "/binaryMediaTypes/{type}", replaceBinaryType},
		{types.OpRemove, "/binaryMediaTypes/{type}", removeBinaryType},
	},
	unknown: func(c change, _ []string) error {
		if strings.HasPrefix(c.path, "/endpointConfiguration/types") {
			return badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
		}
		return replaceOnly("/minimumCompressionSize", "/endpointConfiguration/ipAddressType")(c, nil)
	},
}

func apiDescription(a *types.RestApi) **string { return &a.Description }
func apiPolicy(a *types.RestApi) **string      { return &a.Policy }

// UpdateRestApi changes an API. What it deploys changes with the next deployment.
func (s *Service) UpdateRestApi(ctx context.Context, in *sdk.UpdateRestApiInput) (*sdk.UpdateRestApiOutput, error) {
	var a types.RestApi
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, in.RestApiId)
		if err != nil {
			return err
		}
		a = d.Value.API
		if err := restAPIPatches.apply(&a, in.PatchOperations); err != nil {
			return err
		}
		if err := checkAPI(&a); err != nil {
			return err
		}
		d.Value.API, d.Name = a, *a.Name
		if err := restAPIs.Put(tx, d); err != nil {
			return err
		}
		return withinAPIs(tx, s.quotas, &a)
	})
	return wire.Answer[sdk.UpdateRestApiOutput](describeChanged(a), err)
}

// setCompression switches compression off where there is no value.
func setCompression(a *types.RestApi, c change) error {
	a.MinimumCompressionSize = nil
	if c.text() == "" {
		return nil
	}
	n, err := strconv.ParseInt(c.text(), 10, 32)
	if err != nil {
		return badRequest("Invalid minimum compression size, must be between 0 and 10485760")
	}
	a.MinimumCompressionSize = aws.Int32(int32(n))
	return nil
}

func setKeySource(a *types.RestApi, c change) error {
	a.ApiKeySource = types.ApiKeySourceType(c.text())
	if !valid(a.ApiKeySource, a.ApiKeySource.Values()) {
		return badRequest("Invalid API key source specified. Valid options are HEADER,AUTHORIZER")
	}
	return nil
}

func setSecurityPolicy(a *types.RestApi, c change) error {
	a.SecurityPolicy = types.SecurityPolicy(c.text())
	if !valid(a.SecurityPolicy, a.SecurityPolicy.Values()) {
		return badRequest("Invalid securityPolicy specified: %s", c.text())
	}
	return nil
}

func setAccessMode(a *types.RestApi, c change) error {
	a.EndpointAccessMode = types.EndpointAccessMode(c.text())
	if !valid(a.EndpointAccessMode, a.EndpointAccessMode.Values()) {
		return badRequest("Invalid endpointAccessMode specified. Valid options are BASIC,STRICT")
	}
	return nil
}

// setEndpointType replaces the one endpoint type, whatever the path says it is now.
func setEndpointType(a *types.RestApi, c change) error {
	t := types.EndpointType(c.text())
	if !valid(t, t.Values()) {
		return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	a.EndpointConfiguration.Types = []types.EndpointType{t}
	if t == types.EndpointTypePrivate {
		a.EndpointConfiguration.IpAddressType = types.IpAddressTypeDualstack
	}
	return nil
}

func setAddressType(a *types.RestApi, c change) error {
	t := types.IpAddressType(c.text())
	if !valid(t, t.Values()) {
		return badRequest("ipAddressType must be either ipv4 or dualstack.")
	}
	a.EndpointConfiguration.IpAddressType = t
	return nil
}

func addVPCEndpoint(a *types.RestApi, c change) error {
	e := a.EndpointConfiguration
	for _, id := range strings.Split(c.text(), ",") {
		if id != "" && !slices.Contains(e.VpcEndpointIds, id) {
			e.VpcEndpointIds = append(e.VpcEndpointIds, id)
		}
	}
	return nil
}

// removeVPCEndpoint takes the endpoint's id as the value or in the path.
func removeVPCEndpoint(a *types.RestApi, c change) error {
	id := strings.Join(append(c.args, c.text()), "")
	e := a.EndpointConfiguration
	e.VpcEndpointIds = slices.DeleteFunc(e.VpcEndpointIds, func(s string) bool { return s == id })
	if len(e.VpcEndpointIds) == 0 {
		e.VpcEndpointIds = nil
	}
	return nil
}

// addBinaryType takes the type from the path; whatever the path says is one, even
// the "-" of JSON Patch (recorded).
func addBinaryType(a *types.RestApi, c change) error {
	if !slices.Contains(a.BinaryMediaTypes, c.args[0]) {
		a.BinaryMediaTypes = append(a.BinaryMediaTypes, c.args[0])
	}
	return nil
}

func replaceBinaryType(a *types.RestApi, c change) error {
	i := slices.Index(a.BinaryMediaTypes, c.args[0])
	switch {
	case i < 0:
		return addBinaryType(a, c)
	case c.text() != "":
		a.BinaryMediaTypes[i] = c.text()
	}
	return nil
}

func removeBinaryType(a *types.RestApi, c change) error {
	a.BinaryMediaTypes = slices.DeleteFunc(a.BinaryMediaTypes, func(s string) bool { return s == c.args[0] })
	if len(a.BinaryMediaTypes) == 0 {
		a.BinaryMediaTypes = nil
	}
	return nil
}
