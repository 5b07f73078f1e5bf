package compile

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// validator compiles a method's request validator; nil where it has none or nothing to check.
func (c *compiler) validator(place string, m types.Method) step {
	id := aws.ToString(m.RequestValidatorId)
	if id == "" {
		return nil
	}
	i := slices.IndexFunc(c.def.RequestValidators, func(v types.RequestValidator) bool { return aws.ToString(v.Id) == id })
	if i < 0 {
		return c.broken(place, "the API has no request validator %s", id)
	}
	v := &integration.Validator{}
	if c.def.RequestValidators[i].ValidateRequestParameters {
		v.Parameters = c.required(place, m)
	}
	if c.def.RequestValidators[i].ValidateRequestBody {
		v.Models = c.bodyModels(place, m)
	}
	if v.Parameters == nil && v.Models == nil {
		return nil
	}
	return v.Run
}

// required lists the required parameters as AWS does: headers, then path, then query
// (recorded: "[x-header-param, issuer, qs1]").
func (c *compiler) required(place string, m types.Method) (all []integration.Required) {
	rank := map[string]int{"header": 0, "path": 1, "querystring": 2}
	order := func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[strings.Split(a, ".")[2]], rank[strings.Split(b, ".")[2]]), strings.Compare(a, b))
	}
	var names []string
	for name, required := range m.RequestParameters {
		if required && strings.Count(name, ".") >= 3 {
			names = append(names, name)
		}
	}
	for _, name := range slices.SortedFunc(slices.Values(names), order) {
		value, err := integration.RequestValue(name)
		if err != nil {
			c.warn(place, "required parameter: %v", err)
			value = func(*apigw.Exchange) []string { return nil } // always missing
		}
		all = append(all, integration.Required{Name: strings.SplitN(name, ".", 4)[3], Value: value})
	}
	return all
}

func (c *compiler) bodyModels(place string, m types.Method) (all []integration.Model) {
	for _, contentType := range slices.Sorted(maps.Keys(m.RequestModels)) {
		name := m.RequestModels[contentType]
		schema, err := c.schemas().compile(name)
		if err != nil {
			c.warn(place+", model "+name, "%v", err)
		}
		all = append(all, integration.Model{MediaType: apigw.MediaType(contentType), Schema: schema, Err: err})
	}
	return all
}
