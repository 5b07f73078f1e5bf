package compile

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
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
		schemas: jsonschema.NewCompiler(),
	}
	m.schemas.DefaultDraft(jsonschema.Draft4)
	m.schemas.UseLoader(m)
	m.schemas.UseRegexpEngine(schemaPattern)
	return m
}

func (m *models) compile(name string) (*jsonschema.Schema, error) {
	if _, ok := m.sources[name]; !ok {
		return nil, fmt.Errorf("the API has no model %s", name)
	}
	return m.schemas.Compile(m.base + name)
}

// Load gives the schema compiler a model of this API, and nothing else: no file, no
// other host.
func (m *models) Load(url string) (any, error) {
	name, ok := strings.CutPrefix(url, m.base)
	source, known := m.sources[name]
	if !ok || !known {
		return nil, fmt.Errorf("%s is not a model of this API", url)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	if o, ok := doc.(map[string]any); ok {
		delete(o, "$schema") // API Gateway reads all of them as draft 4
	}
	return doc, nil
}

// patternTimeout bounds a backtracking search in a request's body.
const patternTimeout = time.Second

// schemaPattern compiles the ECMAScript expressions of schemas, with Go's linear-time engine
// where it can.
func schemaPattern(source string) (jsonschema.Regexp, error) {
	if re, err := regexp.Compile(source); err == nil {
		return re, nil
	}
	re, err := regexp2.Compile(source, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = patternTimeout
	return backtracking{re}, nil
}

type backtracking struct{ *regexp2.Regexp }

// MatchString implements jsonschema.Regexp. A search that takes too long does not match.
func (b backtracking) MatchString(s string) bool {
	matched, err := b.Regexp.MatchString(s)
	return err == nil && matched
}
