package apigateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// GetModelTemplate makes a mapping template whose result looks as a model says.
func (s *Service) GetModelTemplate(ctx context.Context, in *sdk.GetModelTemplateInput) (*sdk.GetModelTemplateOutput, error) {
	out := &sdk.GetModelTemplateOutput{}
	err := s.view(ctx, func(tx *store.Tx) error {
		d, m, err := getModel(tx, in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		all, err := allModels(tx, d)
		if err != nil {
			return err
		}
		text, err := SampleTemplate(aws.ToString(m.Schema), schemas(all))
		out.Value = &text
		return err
	})
	return out, err
}

// A sampleSchema is what a template takes from a schema.
type sampleSchema struct {
	Ref         string                  `json:"$ref"`
	Type        oneOrFirst[string]      `json:"type"`
	Properties  sampleProperties        `json:"properties"`
	Items       oneOrFirst[sampleBelow] `json:"items"`
	Definitions map[string]sampleBelow  `json:"definitions"`
}

// A sampleBelow is a schema within another.
type sampleBelow struct{ *sampleSchema }

func (s *sampleBelow) UnmarshalJSON(text []byte) error {
	s.sampleSchema = &sampleSchema{}
	return json.Unmarshal(text, s.sampleSchema)
}

// oneOrFirst is a member that may also be a list, of which the first counts.
type oneOrFirst[T any] struct{ value T }

func (o *oneOrFirst[T]) UnmarshalJSON(text []byte) error {
	if text[0] != '[' {
		return json.Unmarshal(text, &o.value)
	}
	var all []T
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		return err
	}
	o.value = all[0]
	return nil
}

// sampleProperties are an object's, in the schema's order.
type sampleProperties []sampleProperty

type sampleProperty struct {
	name   string
	schema sampleBelow
}

func (p *sampleProperties) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		property := sampleProperty{name: fmt.Sprint(name)}
		if err := d.Decode(&property.schema); err != nil {
			return err
		}
		*p = append(*p, property)
	}
	return nil
}

// A sampler writes the template of one model.
type sampler struct {
	b       strings.Builder
	models  map[string]string // schemas by name
	open    []string          // $refs that are being followed, which must not be followed again
	defined map[string]sampleBelow
}

// schemas are those of models, by their names.
func schemas(all []types.Model) map[string]string {
	byName := map[string]string{}
	for _, m := range all {
		byName[*m.Name] = aws.ToString(m.Schema)
	}
	return byName
}

// SampleTemplate is a mapping template for a model's schema, which may refer to other models by their
// names. The layout and the loops are those of templates that the console made; a value is one of its type.
func SampleTemplate(schema string, models map[string]string) (string, error) {
	s := &sampler{models: models}
	s.b.WriteString("#set($inputRoot = $input.path('$'))\n")
	root, err := s.enter(schema)
	if err == nil {
		err = s.value(root, 0)
	}
	return s.b.String(), err
}

// enter begins another model, whose definitions count from now on.
func (s *sampler) enter(schema string) (root *sampleSchema, err error) {
	if err := json.Unmarshal([]byte(schema), &root); err != nil {
		return nil, badRequest("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	}
	s.defined = root.Definitions
	return root, nil
}

func (s *sampler) value(schema *sampleSchema, depth int) error {
	kind := ""
	if schema != nil {
		kind = schema.Type.value
	}
	switch {
	case s.b.Len() > maxTemplate:
		return templateTooLarge()
	case schema == nil:
		s.b.WriteString("{ }")
	case schema.Ref != "":
		return s.follow(schema.Ref, depth)
	case kind == "object" || kind == "" && schema.Properties != nil:
		return s.object(schema, depth)
	case kind == "array" || kind == "" && schema.Items.value.sampleSchema != nil:
		return s.array(schema, depth)
	default:
		s.b.WriteString(sampleOf(kind))
	}
	return nil
}

func sampleOf(kind string) string {
	switch kind {
	case "integer":
		return "42"
	case "number":
		return "3.14"
	case "boolean":
		return "true"
	case "null":
		return "null"
	case "string":
		return `"foo"`
	}
	return "{ }" // anything is allowed
}

func (s *sampler) object(schema *sampleSchema, depth int) error {
	if len(schema.Properties) == 0 {
		s.b.WriteString("{ }")
		return nil
	}
	s.b.WriteString("{")
	for i, p := range schema.Properties {
		if i > 0 {
			s.b.WriteString(",")
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&s.b, "\n%s%s : ", indent(depth+1), name)
		if err := s.value(p.schema.sampleSchema, depth+1); err != nil {
			return err
		}
	}
	s.b.WriteString("\n" + indent(depth) + "}")
	return nil
}

func (s *sampler) array(schema *sampleSchema, depth int) error {
	s.b.WriteString("[\n##TODO: Update this foreach loop to reference array from input json\n#foreach($elem in $inputRoot.TODO)\n ")
	if err := s.value(schema.Items.value.sampleSchema, depth); err != nil {
		return err
	}
	s.b.WriteString(" \n#if($foreach.hasNext),#end\n#end\n" + indent(depth) + "]")
	return nil
}

// follow writes what a $ref stands for: another model, or a definition of this one. What
// refers to itself ends as an empty object.
func (s *sampler) follow(ref string, depth int) (err error) {
	if slices.Contains(s.open, ref) {
		s.b.WriteString("{ }")
		return nil
	}
	s.open = append(s.open, ref)
	outer := s.defined
	defer func() { s.open, s.defined = s.open[:len(s.open)-1], outer }()
	if name, ok := referred("$ref", ref); ok {
		root, err := s.enter(s.models[name])
		if err != nil {
			return badRequest("Invalid model name specified: %s", name)
		}
		return s.value(root, depth)
	}
	name, _ := strings.CutPrefix(ref, "#/definitions/")
	return s.value(s.defined[name].sampleSchema, depth)
}

func indent(depth int) string { return strings.Repeat("  ", depth) }
