package openapi

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// A REST is what a REST API consists of. It has no ids: a method names its authorizer and its
// request validator in AuthorizerId and RequestValidatorId.
type REST struct {
	API               types.RestApi // only what a document says of it
	Resources         []Resource
	Models            []types.Model
	Authorizers       []types.Authorizer
	RequestValidators []types.RequestValidator
	GatewayResponses  []types.GatewayResponse

	DocumentationVersion string
	DocumentationCreated string // as it is written
	DocumentationParts   []types.DocumentationPart
}

// A Resource is a path with its methods by verb.
type Resource struct {
	Path    string
	Methods map[string]types.Method
	Verbs   []string // of Methods, in their order
	Leaf    bool     // that has nothing below it
}

// Adopt makes references to models of an API without id references to those of the API with id.
func (r *REST) Adopt(id string) {
	for i := range r.Models {
		r.Models[i].Schema = aws.String(strings.ReplaceAll(*r.Models[i].Schema, modelsOf(""), modelsOf(id)))
	}
}

func modelsOf(restAPIID string) string {
	return "https://apigateway.amazonaws.com/restapis/" + restAPIID + "/models/"
}

// Problems are what is wrong with a document, in its order.
type Problems struct {
	Errors   []string // it cannot be imported
	Warnings []string // what of it was left out, and why
}

func (p *Problems) errorf(format string, args ...any) {
	p.Errors = append(p.Errors, fmt.Sprintf(format, args...))
}

func (p *Problems) warnf(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// ext is the name of one of API Gateway's extensions.
func ext(name string) string { return "x-amazon-apigateway-" + name }
