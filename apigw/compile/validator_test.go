package compile_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw/compile"
)

// validated is an API whose method has all kinds of parameters and models. Its gateway
// response shows the details.
func validated(parameters, body bool) compile.REST {
	m := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
	m.RequestValidatorId = aws.String("val123")
	m.RequestParameters = map[string]bool{
		"method.request.header.x-header-param": true, "method.request.path.issuer": true, "method.request.path.id": true,
		"method.request.querystring.qs1": true, "method.request.querystring.free": false,
	}
	m.RequestModels = map[string]string{"application/json": "Pet", "application/vnd.bad+json": "Broken", "application/vnd.far+json": "Far"}
	def := define(methods{"POST /{id}": m})
	def.RequestValidators = []types.RequestValidator{{Id: aws.String("val123"), ValidateRequestParameters: parameters, ValidateRequestBody: body}}
	model := func(name, schema string) types.Model { return types.Model{Name: &name, Schema: &schema} }
	const ref = `{"$ref": "https://apigateway.amazonaws.com/restapis/api1234567/models/`
	def.Models = []types.Model{
		model("Name", `{"type": "string", "minLength": 2, "maxLength": 9, "pattern": "^(?!x)[a-z]+$"}`),
		model("Pet", `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["name", "kind"], "additionalProperties": false,
			"properties": {"name": `+ref+`Name"}, "kind": {"enum": ["cat", "dog"]}, "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 30},
			"mother": `+ref+`Pet"}, "tags": {"type": "array", "maxItems": 2, "uniqueItems": true}, "either": {"oneOf": [`+ref+`Name"}, {"type": "number"}]}}}`),
		model("Broken", `{"type": 7}`),
		model("Far", `{"$ref": "file:///etc/passwd"}`),
	}
	def.GatewayResponses = []types.GatewayResponse{{ResponseType: types.GatewayResponseTypeBadRequestBody, ResponseTemplates: templates("$context.error.message: $context.error.validationErrorString")}}
	return def
}

// Facts: rest-dataplane §8 and §3, BAD_REQUEST_PARAMETERS. The texts behind the colon are
// json-schema-validator's.
func TestValidatorChecksParametersThenBody(t *testing.T) {
	const all = "?qs1=1"
	const header, json = "x-header-param: 1", "Content-Type: application/json"
	invalid := func(why string) string { return "Invalid request body: [" + why + "]" }
	cases := []struct {
		name             string
		parameters, body bool
		query, sent      string
		headers          []string
		status           int
		want             string
	}{
		{"nothing to check", false, false, "", "x", nil, 200, ""},
		{"all missing but the path's own", true, true, "", "x", nil, 400, `{"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}`},
		{"empty counts as missing", true, false, "?qs1=", "", []string{header}, 400, `{"message": "Missing required request parameters: [issuer, qs1]"}`},
		{"a declared path parameter that the path lacks", true, false, all, "", []string{header}, 400, `{"message": "Missing required request parameters: [issuer]"}`},
		{"valid", false, true, "", `{"name": "tom", "kind": "cat", "age": 3, "mother": {"name": "kit", "kind": "cat"}, "either": 7}`, []string{json}, 200, ""},
		{"type with parameters", false, true, "", `{}`, []string{json + "; charset=utf-8"}, 400, invalid(`object has missing required properties (["kind","name"])`)},
		{"no type is application/json", false, true, "", `{"name": "tom"}`, nil, 400, invalid(`object has missing required properties (["kind"])`)},
		{"a type without a model is accepted", false, true, "", `{"statusCode": 200}`, []string{"Content-Type: application/text"}, 200, ""},
		{"no body", false, true, "", "", []string{json}, 400, invalid("Unknown error parsing request body")},
		{"not JSON", false, true, "", "{", []string{json}, 400, invalid("Unknown error parsing request body")},
		{"enum", false, true, "", `{"name": "tom", "kind": "fish"}`, nil, 400, invalid(`instance value ("fish") not found in enum (possible values: ["cat","dog"])`)},
		{"type of a property", false, true, "", `{"name": "tom", "kind": "cat", "age": "3"}`, nil, 400, invalid(`instance type (string) does not match any allowed primitive type (allowed: ["integer"])`)},
		{"type of the whole", false, true, "", `7`, nil, 400, invalid(`instance type (integer) does not match any allowed primitive type (allowed: ["object"])`)},
		{"draft 4 bounds", false, true, "", `{"name": "tom", "kind": "cat", "age": 0}`, nil, 400, invalid(`numeric instance is not strictly greater than the required minimum 0`)},
		{"maximum", false, true, "", `{"name": "tom", "kind": "cat", "age": 31}`, nil, 400, invalid(`numeric instance is greater than the required maximum (maximum: 30, found: 31)`)},
		{"another property", false, true, "", `{"name": "tom", "kind": "cat", "b": 1, "a": 2}`, nil, 400, invalid(`object instance has properties which are not allowed by the schema: ["a","b"]`)},
		{"referred model", false, true, "", `{"name": "t", "kind": "cat"}`, nil, 400, invalid(`string "t" is too short (length: 1, required minimum: 2)`)},
		{"pattern with look-ahead", false, true, "", `{"name": "xx", "kind": "cat"}`, nil, 400, invalid(`ECMA 262 regex "^(?!x)[a-z]+$" does not match input string "xx"`)},
		{"items", false, true, "", `{"name": "tom", "kind": "cat", "tags": [1,2,3]}`, nil, 400, invalid(`array is too long: must have at most 2 elements but instance has 3 elements`)},
		{"oneOf", false, true, "", `{"name": "tom", "kind": "cat", "either": true}`, nil, 400, invalid(`instance failed to match exactly one schema (matched 0 out of 2)`)},
		{"a model within itself", false, true, "", `{"name": "tom", "kind": "cat", "mother": {"name": "kit"}}`, nil, 400, invalid(`object has missing required properties (["kind"])`)},
		{"schema that is none", false, true, "", `{}`, []string{"Content-Type: application/vnd.bad+json"}, 500, serverError},
		{"schema that leads elsewhere", false, true, "", `{}`, []string{"Content-Type: application/vnd.far+json"}, 500, serverError},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, validated(c.parameters, c.body), nil)
			got := s.call("POST", "/7"+c.query, c.sent, append(c.headers, "X: 1")...)
			if got.status != c.status || got.body != c.want && c.want != "" {
				t.Errorf("%d %s, want %d %s", got.status, got.body, c.status, c.want)
			}
		})
	}
}

func TestValidatorThatIsNotThereIsAServerError(t *testing.T) {
	def := validated(true, true)
	def.RequestValidators = nil
	if got := serve(t, def, nil).call("POST", "/7", ""); got.status != 500 || got.body != serverError {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Facts: rest-dataplane §8, $default.
func TestDefaultModelChecksWhatHasNoneOfItsOwn(t *testing.T) {
	def := validated(false, true)
	m := def.Resources[0].ResourceMethods["POST"]
	m.RequestModels = map[string]string{"$default": "Name"}
	def.Resources[0].ResourceMethods["POST"] = m
	s := serve(t, def, nil)
	if got := s.call("POST", "/7", `7`, "Content-Type: text/plain"); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
