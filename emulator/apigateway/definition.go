package apigateway

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A definition is an API as a deployment freezes it: one document that is never
// changed.
type definition struct {
	API               types.RestApi
	Resources         []types.Resource
	Models            []types.Model
	RequestValidators []types.RequestValidator
	Authorizers       []types.Authorizer
	GatewayResponses  []types.GatewayResponse
}

// definitions are stored under "restApiId/deploymentId" and hang from the deployment.
var definitions = store.Kind[definition]{Service: service, Name: "definition"}

// read collects the present definition of an API.
func read(tx *store.Tx, d store.Document[restAPI]) (def definition, err error) {
	def.API = d.Value.API
	if def.Resources, err = allResources(tx, d.ID); err != nil {
		return def, err
	}
	if def.Models, err = allModels(tx, d); err != nil {
		return def, err
	}
	vs, err := validators.List(tx, store.Query{Parent: apiRef(d.ID), Order: store.ByCreated})
	if err != nil {
		return def, err
	}
	for _, v := range vs.Documents {
		def.RequestValidators = append(def.RequestValidators, v.Value)
	}
	if def.Authorizers, err = allAuthorizers(tx, d.ID); err != nil {
		return def, err
	}
	rs, err := gatewayResponses.List(tx, store.Query{Parent: apiRef(d.ID)})
	for _, r := range rs.Documents {
		def.GatewayResponses = append(def.GatewayResponses, r.Value)
	}
	return def, err
}

// deployable refuses what AWS refuses to deploy.
func (def definition) deployable() error {
	methods := 0
	for _, r := range def.Resources {
		for _, m := range r.ResourceMethods {
			methods++
			if m.MethodIntegration == nil {
				return badRequest("No integration defined for method")
			}
		}
	}
	if methods == 0 {
		return badRequest("The REST API doesn't contain any methods")
	}
	if e := def.API.EndpointConfiguration; e != nil && slices.Contains(e.Types, types.EndpointTypePrivate) && def.API.Policy == nil {
		return badRequest("Private REST API doesn't have a resource policy attached to it")
	}
	return nil
}

// summary is what a definition serves: path, verb, authorization.
func (def definition) summary() map[string]map[string]types.MethodSnapshot {
	out := map[string]map[string]types.MethodSnapshot{}
	for _, r := range def.Resources {
		for verb, m := range r.ResourceMethods {
			if out[*r.Path] == nil {
				out[*r.Path] = map[string]types.MethodSnapshot{}
			}
			out[*r.Path][verb] = types.MethodSnapshot{AuthorizationType: m.AuthorizationType, ApiKeyRequired: aws.ToBool(m.ApiKeyRequired)}
		}
	}
	return out
}
