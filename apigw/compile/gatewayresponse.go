package compile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// gatewayResponses compiles the responses that were put. DEFAULT_4XX and DEFAULT_5XX restyle, with
// their status, every type of their class that was not put itself (recorded).
func (c *compiler) gatewayResponses() map[string]*apigw.GatewayResponse {
	all := map[string]*apigw.GatewayResponse{}
	for _, r := range c.def.GatewayResponses {
		kind := string(r.ResponseType)
		if _, ok := apigw.ResponseTypes[kind]; !ok {
			c.impossible("gateway response "+kind, fmt.Errorf("unknown response type %q", kind))
			continue
		}
		all[kind] = c.gatewayResponse(kind, r)
	}
	for kind, own := range apigw.ResponseTypes {
		standard := apigw.Default4XX
		if own.Status >= 500 {
			standard = apigw.Default5XX
		}
		if all[kind] == nil && all[standard] != nil {
			all[kind] = all[standard]
		}
	}
	return all
}

func (c *compiler) gatewayResponse(kind string, r types.GatewayResponse) *apigw.GatewayResponse {
	place := "gateway response " + kind
	out := &apigw.GatewayResponse{}
	if code := aws.ToString(r.StatusCode); code != "" {
		status, err := strconv.Atoi(code)
		if err != nil || status < 100 || status > 599 {
			c.impossible(place, fmt.Errorf("%q is not a status code", code))
		}
		out.Status = status
	}
	for _, target := range slices.Sorted(maps.Keys(r.ResponseParameters)) {
		m, err := mapHeader(target, "gatewayresponse.header.", r.ResponseParameters[target], integration.GatewayValue)
		if err != nil { // AWS leaves out what it cannot resolve
			c.warn(place, "%v", err)
			continue
		}
		if name, ok := gatewayHeader(m.Name); ok {
			out.Headers = append(out.Headers, apigw.HeaderValue{Name: name, Value: m.Value})
		}
	}
	for _, key := range gatewayTypes(r.ResponseTemplates) {
		out.Templates = append(out.Templates, apigw.GatewayTemplate{
			MediaType: apigw.MediaType(key), Render: compileGatewayTemplate(r.ResponseTemplates[key]),
		})
	}
	return out
}

// gatewayHeader is the name that the client sees. Other answers cannot ask for credentials;
// UNAUTHORIZED with a WWW-Authenticate of 'Basic' is what makes browsers do so on AWS.
func gatewayHeader(name string) (string, bool) {
	if strings.EqualFold(name, "WWW-Authenticate") {
		return name, true
	}
	return apigw.Remap(name)
}

// gatewayTypes orders templates: application/json first, which serves clients that accept none.
func gatewayTypes(templates map[string]string) []string {
	keys := slices.Sorted(maps.Keys(templates))
	if i := slices.Index(keys, "application/json"); i > 0 {
		keys = slices.Insert(slices.Delete(keys, i, i+1), 0, "application/json")
	}
	return keys
}
