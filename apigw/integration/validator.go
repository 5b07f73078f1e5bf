package integration

import (
	"cmp"
	"context"
	"strings"

	"postern/apigw"
	"postern/apigw/jsonschema"
)

// A Validator is a method's request validator. Parameters come first: with both wrong only
// they are reported.
type Validator struct {
	Parameters []Required // in the order in which AWS lists those that are missing
	Models     []Model
	// Select chooses the model of a message by its MediaType, which is then any key; nil: the type of the body
	// does.
	Select *Selection
}

// A Required is a parameter that a request has to have, and not empty.
type Required struct {
	Name  string
	Value apigw.Value
}

// A Model is what bodies of one media type have to look like.
type Model struct {
	MediaType string // "$default" for all others
	Schema    *jsonschema.Schema
	Err       error // why there is no Schema
}

// Run is the step.
func (v *Validator) Run(_ context.Context, x *apigw.Exchange) error {
	var missing []string
	for _, p := range v.Parameters {
		if values := p.Value(x); len(values) == 0 || values[len(values)-1] == "" {
			missing = append(missing, p.Name)
		}
	}
	if missing != nil { // AWS's line is not known
		return &apigw.Rejection{
			Type:    apigw.BadRequestParameters,
			Message: "Missing required request parameters: [" + strings.Join(missing, ", ") + "]",
		}
	}
	if v.Select != nil {
		return v.message(x)
	}
	if m := v.model(x.Request.ContentType()); m != nil {
		return m.check(x)
	}
	return nil
}

// message validates a message of a WebSocket API, where a body without a model is invalid (API Gateway
// developer guide, "Request validation for WebSocket APIs", read 2026-11).
func (v *Validator) message(x *apigw.Exchange) error {
	key, _ := v.Select.Key(x)
	if m := v.model(cmp.Or(key, apigw.DefaultRoute)); m != nil {
		return m.check(x)
	}
	return (&Model{MediaType: key}).invalid("no model is selected")
}

// model is the one for the body's own type; a body of a type without one is accepted.
func (v *Validator) model(contentType string) *Model {
	if contentType == "" {
		contentType = jsonType
	}
	var standard *Model
	for i := range v.Models {
		switch m := &v.Models[i]; m.MediaType {
		case contentType:
			return m
		case "$default":
			standard = m
		}
	}
	return standard
}

func (m *Model) check(x *apigw.Exchange) error {
	if m.Err != nil {
		return apigw.Misconfigured("model for %s: %w", m.MediaType, m.Err)
	}
	body, err := decodeJSON(x.Request.Body)
	if err != nil {
		return m.invalid("[Unknown error parsing request body]")
	}
	if failed := m.Schema.Validate(body); failed != nil {
		return m.invalid("[" + strings.Join(failed, ", ") + "]")
	}
	if x.Log == nil {
		return nil
	}
	x.Log.Printf("Request validation succeeded for content type %s", m.MediaType)
	return nil
}

func (m *Model) invalid(why string) error {
	return &apigw.Rejection{
		Type: apigw.BadRequestBody, Validation: why,
		Line: "Request body does not match model schema for content type " + m.MediaType + ": " + why,
	}
}
