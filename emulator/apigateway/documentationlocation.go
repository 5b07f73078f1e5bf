package apigateway

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// undocumented is what of an API can have documentation and has none: parts without id and
// properties, sorted by their location.
func undocumented(tx *store.Tx, api store.Document[restAPI], documented []types.DocumentationPart) ([]types.DocumentationPart, error) {
	def, err := read(tx, api)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, p := range documented {
		has[locationName(*p.Location)] = true
	}
	var out []types.DocumentationPart
	for _, l := range def.locations() {
		if !has[locationName(l)] {
			out = append(out, types.DocumentationPart{Location: &l})
		}
	}
	slices.SortFunc(out, func(a, b types.DocumentationPart) int {
		return strings.Compare(locationName(*a.Location), locationName(*b.Location))
	})
	return out, nil
}

// locations are all places of an API that can have documentation.
func (def definition) locations() []types.DocumentationPartLocation {
	out := []types.DocumentationPartLocation{{Type: types.DocumentationPartTypeApi}}
	for _, m := range def.Models {
		out = append(out, types.DocumentationPartLocation{Type: types.DocumentationPartTypeModel, Name: m.Name})
	}
	for _, a := range def.Authorizers {
		out = append(out, types.DocumentationPartLocation{Type: types.DocumentationPartTypeAuthorizer, Name: a.Name})
	}
	for _, r := range def.Resources {
		out = append(out, types.DocumentationPartLocation{Type: types.DocumentationPartTypeResource, Path: r.Path})
		for verb, m := range r.ResourceMethods {
			out = append(out, methodLocations(*r.Path, verb, m)...)
		}
	}
	return out
}

var parameterTypes = map[string]types.DocumentationPartType{
	"path": types.DocumentationPartTypePathParameter, "querystring": types.DocumentationPartTypeQueryParameter,
	"header": types.DocumentationPartTypeRequestHeader,
}

func methodLocations(path, verb string, m types.Method) (out []types.DocumentationPartLocation) {
	add := func(t types.DocumentationPartType, name, status string) {
		l := types.DocumentationPartLocation{Type: t, Path: &path, Method: &verb}
		if name != "" {
			l.Name = &name
		}
		if status != "" {
			l.StatusCode = &status
		}
		out = append(out, l)
	}
	add(types.DocumentationPartTypeMethod, "", "")
	for p := range m.RequestParameters {
		if s := requestParameter.FindStringSubmatch(p); s != nil {
			add(parameterTypes[s[1]], s[2], "")
		}
	}
	if len(m.RequestModels) > 0 {
		add(types.DocumentationPartTypeRequestBody, "", "")
	}
	for status, r := range m.MethodResponses {
		add(types.DocumentationPartTypeResponse, "", status)
		for p := range r.ResponseParameters {
			add(types.DocumentationPartTypeResponseHeader, strings.TrimPrefix(p, "method.response.header."), status)
		}
		if len(r.ResponseModels) > 0 {
			add(types.DocumentationPartTypeResponseBody, "", status)
		}
	}
	return out
}
