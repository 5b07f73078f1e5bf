package apigateway

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/policy"
)

const (
	maxCompressionSize = 10485760
	maxPolicy          = 8192
	maxTags            = 50
)

// checkAPI refuses what CreateRestApi does, and completes what was left out.
func checkAPI(a *types.RestApi) error {
	if aws.ToString(a.Name) == "" {
		return badRequest("API name cannot be an empty string")
	}
	if a.Description != nil && *a.Description == "" {
		return badRequest("Description cannot be an empty string")
	}
	if n := a.MinimumCompressionSize; n != nil && (*n < 0 || *n > maxCompressionSize) {
		return badRequest("Invalid minimum compression size, must be between 0 and 10485760")
	}
	if err := CheckTags(a.Tags); err != nil {
		return err
	}
	if aws.ToString(a.Policy) == "" {
		a.Policy = nil
	} else if err := compactPolicy(a); err != nil {
		return err
	}
	return checkEndpoint(a)
}

func checkEndpoint(a *types.RestApi) error {
	e := types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeEdge}}
	if a.EndpointConfiguration != nil {
		e.IpAddressType, e.VpcEndpointIds = a.EndpointConfiguration.IpAddressType, a.EndpointConfiguration.VpcEndpointIds
		if a.EndpointConfiguration.Types != nil {
			e.Types = a.EndpointConfiguration.Types
		}
	}
	switch len(e.Types) {
	case 0:
		return badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case 1:
	default:
		return badRequest("Cannot create an api with multiple Endpoint Types.")
	}
	private := e.Types[0] == types.EndpointTypePrivate
	switch {
	case private && e.IpAddressType == types.IpAddressTypeIpv4:
		return badRequest("Only dualstack ipAddressType is supported for Private APIs.")
	case private:
		e.IpAddressType = types.IpAddressTypeDualstack
	case len(e.VpcEndpointIds) > 0:
		return badRequest("VPC endpoints can only be associated with PRIVATE APIs.")
	case e.IpAddressType == "":
		e.IpAddressType = types.IpAddressTypeIpv4
	}
	a.EndpointConfiguration = &e
	return nil
}

// compactPolicy checks a policy and takes the blanks out. Whether its principals exist is not
// asked.
func compactPolicy(a *types.RestApi) error {
	var out bytes.Buffer
	if _, err := policy.Parse([]byte(*a.Policy)); err != nil || json.Compact(&out, []byte(*a.Policy)) != nil {
		return badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	if out.Len() > maxPolicy {
		return badRequest("Invalid policy document. The policy is longer than %d bytes.", maxPolicy)
	}
	a.Policy = aws.String(out.String())
	return nil
}

// escapePolicy is how API Gateway answers policies: as the inside of a JSON string
// (Terraform unquotes it).
func escapePolicy(policy string) *string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(policy) // a string and a buffer: cannot fail
	return aws.String(strings.TrimSuffix(strings.TrimPrefix(out.String(), `"`), "\"\n"))
}

// CheckTags refuses tags that nothing can have.
func CheckTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return badRequest("The number of tags exceeds the limit of %d", maxTags)
	}
	for key, value := range tags {
		if key == "" || len(key) > 128 || len(value) > 256 || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return badRequest("Invalid tag %s. Keys have 1 to 128 characters and do not start with aws:, values have at most 256", key)
		}
	}
	return nil
}

// valid says whether a text is a value of an SDK enum.
func valid[E ~string](value E, values []E) bool { return slices.Contains(values, value) }
