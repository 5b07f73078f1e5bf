package apigateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/jsonschema"
	"postern/emulator/store"
)

// checkSchema requires a schema in JSON Schema draft 4. Other models that it refers
// to are looked for when it is deployed.
func checkSchema(schema *string) error {
	if aws.ToString(schema) == "" {
		return badRequest("Model schema must have at least 1 property or array items defined")
	}
	v, err := jsonschema.Decode([]byte(*schema))
	if err == nil {
		err = jsonschema.Check(v)
	}
	if err != nil {
		return badRequest("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	}
	return nil
}

// unreferenced refuses to lose a model that methods refer to.
func unreferenced(tx *store.Tx, api string, m types.Model) error {
	all, err := allResources(tx, api)
	if err != nil {
		return err
	}
	for _, r := range all {
		for _, verb := range slices.Sorted(maps.Keys(r.ResourceMethods)) {
			method := r.ResourceMethods[verb]
			if names(method.RequestModels, *m.Name) {
				return conflict("Cannot delete model '%s', is referenced in method request: %s/%s", *m.Name, *r.Path, verb)
			}
			for _, response := range method.MethodResponses {
				if names(response.ResponseModels, *m.Name) {
					return conflict("Cannot delete model '%s', is referenced in method response: %s/%s", *m.Name, *r.Path, verb)
				}
			}
		}
	}
	return nil
}

func names(models map[string]string, name string) bool {
	return slices.Contains(slices.Collect(maps.Values(models)), name)
}

// flatten is the schema of a model with all models that it refers to, directly or
// through others, among its definitions.
func flatten(m types.Model, all []types.Model) (*string, error) {
	schemas := schemas(all)
	definitions := map[string]any{}
	var local func(node any) (any, error)
	local = func(node any) (any, error) {
		var err error
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				name, isRef := referred(key, value)
				if !isRef {
					if node[key], err = local(value); err != nil {
						return nil, err
					}
					continue
				}
				node[key] = "#/definitions/" + name
				if _, done := definitions[name]; done || schemas[name] == "" {
					continue
				}
				definitions[name] = nil // models may refer to each other
				if definitions[name], err = parsed(schemas[name], local); err != nil {
					return nil, err
				}
			}
		case []any:
			for i := range node {
				if node[i], err = local(node[i]); err != nil {
					return nil, err
				}
			}
		}
		return node, nil
	}
	root, err := parsed(*m.Schema, local)
	if err != nil {
		return nil, err
	}
	if object, ok := root.(map[string]any); ok && len(definitions) > 0 {
		if own, ok := object["definitions"].(map[string]any); ok {
			maps.Copy(definitions, own)
		}
		object["definitions"] = definitions
	}
	out, err := json.Marshal(root)
	return aws.String(string(out)), err
}

func parsed(schema string, then func(any) (any, error)) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(schema), &v); err != nil {
		return nil, fmt.Errorf("parse stored schema: %w", err)
	}
	return then(v)
}

// referred is the model that a $ref to one names, as
// https://apigateway.amazonaws.com/restapis/{id}/models/{name}.
func referred(key string, value any) (string, bool) {
	ref, ok := value.(string)
	if key != "$ref" || !ok || !strings.Contains(ref, "://apigateway.amazonaws.com/restapis/") {
		return "", false
	}
	_, name, ok := strings.Cut(ref, "/models/")
	return name, ok
}
