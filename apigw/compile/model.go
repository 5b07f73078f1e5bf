package compile

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw/jsonschema"
)

// models compiles the schemas of an API's models, which may refer to each other as
// https://apigateway.amazonaws.com/restapis/{id}/models/{name}.
type models struct {
	base    string
	sources map[string]string
	schemas *jsonschema.Compiler
}

func (c *compiler) schemas() *models {
	if c.models == nil {
		sources := map[string]string{}
		for _, m := range c.def.Models {
			sources[aws.ToString(m.Name)] = aws.ToString(m.Schema)
		}
		c.models = newModels(c.apiID, sources)
	}
	return c.models
}

// newModels takes the schemas by the names of their models.
func newModels(apiID string, sources map[string]string) *models {
	m := &models{
		base:    "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/",
		sources: sources,
	}
	m.schemas = jsonschema.NewCompiler(m.load)
	return m
}

func (m *models) compile(name string) (*jsonschema.Schema, error) {
	if _, ok := m.sources[name]; !ok {
		return nil, fmt.Errorf("the API has no model %s", name)
	}
	return m.schemas.Compile(m.base + name)
}

// load gives the schema compiler a model of this API, and nothing else: no file, no
// other host.
func (m *models) load(url string) (any, error) {
	name, ok := strings.CutPrefix(url, m.base)
	source, known := m.sources[name]
	if !ok || !known {
		return nil, fmt.Errorf("%s is not a model of this API", url)
	}
	doc, err := jsonschema.Decode([]byte(source))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	return doc, nil
}
