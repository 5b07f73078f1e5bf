package apigateway

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/conformance"
	"postern/emulator/openapi"
	"postern/emulator/store"
)

// An API that is exported and imported again is the same API: those of all scripts, and those of all
// documents in testdata/openapi.
func TestExportedAndImportedAgainIsTheSameAPI(t *testing.T) {
	scripts, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range scripts {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b := newBench(t)
			conformance.Play(t, file, b.ctx, b.Service)
			b.roundTrip(t)
		})
	}
	documents, _ := filepath.Glob("testdata/openapi/*")
	if len(documents) == 0 {
		t.Fatal("no documents")
	}
	for _, file := range documents {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b := newBench(t)
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out := must(b.ImportRestApi(b.ctx, &sdk.ImportRestApiInput{Body: body}))(t)
			if len(out.Warnings) > 0 {
				t.Error(out.Warnings)
			}
			b.roundTrip(t)
		})
	}
}

func (b *bench) roundTrip(t *testing.T) {
	for _, a := range must(b.GetRestApis(b.ctx, &sdk.GetRestApisInput{Limit: aws.Int32(500)}))(t).Items {
		want := b.definitionOf(t, *a.Id).rest()
		for _, form := range []string{"swagger json", "swagger yaml", "oas30 json", "oas30 yaml"} {
			e := openapi.Export{Swagger: strings.HasPrefix(form, "swagger"), Host: "x", Stage: "s", Authorizers: true, APIGateway: true, Documentation: true}
			body := want.Write(e).JSON()
			if strings.HasSuffix(form, "yaml") {
				body = must(want.Write(e).YAML())(t)
			}
			in := &sdk.ImportRestApiInput{Body: body}
			if e := a.EndpointConfiguration; e != nil && len(e.Types) > 0 {
				in.Parameters = map[string]string{"endpointConfigurationTypes": string(e.Types[0])}
			}
			again, err := b.ImportRestApi(b.ctx, in)
			if err != nil {
				t.Errorf("%s of %s: %v\n%s", form, *a.Name, err, body)
				continue
			}
			for _, w := range again.Warnings {
				if !strings.HasPrefix(w, "Invalid model reference") { // of a model that was not there either
					t.Errorf("%s of %s: %s", form, *a.Name, w)
				}
			}
			got := b.definitionOf(t, *again.Id).rest()
			if diff := cmp.Diff(normal(t, want, e.Swagger), normal(t, got, e.Swagger)); diff != "" {
				t.Errorf("%s of %s (-was +is):\n%s\n%s", form, *a.Name, diff, body)
			}
		}
	}
}

func (b *bench) definitionOf(t *testing.T, api string) (def definition) {
	t.Helper()
	err := b.view(b.ctx, func(tx *store.Tx) error {
		d, err := getAPI(tx, &api)
		if err == nil {
			def, err = read(tx, d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return def
}

var modelID = regexp.MustCompile(`restapis/\w*/`)

// normal is an API as JSON without ids and dates, and without what the formats cannot say: whether
// a response's header is required, the description and content type of a model and, in Swagger,
// content types that differ within a method.
func normal(t *testing.T, r openapi.REST, swagger bool) any {
	r.API.Id, r.API.RootResourceId, r.API.CreatedDate = nil, nil, nil
	if len(r.API.Tags) == 0 {
		r.API.Tags = nil
	}
	r.API.Version = nil // a date where there was none
	var out map[string]any
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	out["Resources"] = map[string]any{}
	for _, res := range r.Resources {
		methods := map[string]any{}
		for verb, m := range res.Methods {
			methods[verb] = fmt.Sprint(shownMethod(m, swagger))
		}
		out["Resources"].(map[string]any)[res.Path] = methods
	}
	out["Models"] = map[string]any{}
	for _, m := range r.Models {
		_, rest, _ := strings.Cut(*m.Schema, "{")
		var schema any
		if err := json.Unmarshal([]byte("{"+rest), &schema); err != nil {
			t.Fatal(err)
		}
		withoutIDs, _ := json.Marshal(schema)
		out["Models"].(map[string]any)[*m.Name] = modelID.ReplaceAllString(string(withoutIDs), "restapis/x/")
	}
	out["Authorizers"], out["RequestValidators"] = map[string]any{}, map[string]any{}
	for _, a := range r.Authorizers {
		a.Id = nil
		b, _ := json.Marshal(a)
		out["Authorizers"].(map[string]any)[*a.Name] = string(b)
	}
	for _, v := range r.RequestValidators {
		out["RequestValidators"].(map[string]any)[*v.Name] = []bool{v.ValidateRequestBody, v.ValidateRequestParameters}
	}
	return out
}

func shownMethod(m types.Method, swagger bool) any {
	parameters := map[string]bool{}
	for name, required := range m.RequestParameters {
		parameters[name] = required || strings.HasPrefix(name, "method.request.path.")
	}
	m.RequestParameters = parameters
	if swagger && len(m.RequestModels) > 1 {
		m.RequestModels = nil
	}
	contentTypes := map[string]string{}
	responses := map[string]types.MethodResponse{}
	for code, r := range m.MethodResponses {
		r.ResponseParameters = flags(r.ResponseParameters)
		responses[code] = r
		for t := range r.ResponseModels {
			contentTypes[t] = ""
		}
	}
	if swagger && len(contentTypes) > 1 {
		for code, r := range responses {
			r.ResponseModels = nil
			responses[code] = r
		}
	}
	m.MethodResponses = responses
	text, _ := json.MarshalIndent(m, "", " ")
	return strings.NewReplacer(" {}", " null", " []", " null").Replace(string(text))
}

func flags(m map[string]bool) map[string]bool {
	out := map[string]bool{}
	for name := range m {
		out[name] = false
	}
	return out
}
