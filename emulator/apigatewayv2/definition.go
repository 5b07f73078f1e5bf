package apigatewayv2

import (
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/store"
)

// A definition is an API as a deployment freezes it: one document that is never changed.
type definition struct {
	API          types.Api
	Routes       []types.Route
	Integrations []types.Integration
	Authorizers  []types.Authorizer
	Models       []types.Model
	// IntegrationResponses by integration id, RouteResponses by route id.
	IntegrationResponses map[string][]types.IntegrationResponse
	RouteResponses       map[string][]types.RouteResponse
}

// definitions are stored under the id of their deployment and hang from it.
var definitions = store.Kind[definition]{Service: service, Name: "definition"}

// read collects the present definition of an API.
func read(tx *store.Tx, api string) (def definition, err error) {
	d, err := getAPI(tx, &api)
	if err != nil {
		return def, err
	}
	def.API = d.Value
	if def.Routes, err = routes.all(tx, api); err != nil {
		return def, err
	}
	if def.Integrations, err = integrations.all(tx, api); err != nil {
		return def, err
	}
	if def.Authorizers, err = authorizers.all(tx, api); err != nil || !isWebSocket(def.API) {
		return def, err
	}
	return def, readWebSocket(tx, api, &def)
}

// readWebSocket adds what only WebSocket APIs have.
func readWebSocket(tx *store.Tx, api string, def *definition) (err error) {
	if def.Models, err = models.all(tx, api); err != nil {
		return err
	}
	def.IntegrationResponses = map[string][]types.IntegrationResponse{}
	for _, i := range def.Integrations {
		if def.IntegrationResponses[*i.IntegrationId], err = integrationResponses.all(tx, api+"/"+*i.IntegrationId); err != nil {
			return err
		}
	}
	def.RouteResponses = map[string][]types.RouteResponse{}
	for _, r := range def.Routes {
		if def.RouteResponses[*r.RouteId], err = routeResponses.all(tx, api+"/"+*r.RouteId); err != nil {
			return err
		}
	}
	return nil
}

// deployable refuses what AWS refuses to deploy.
func (def definition) deployable() error {
	if len(def.Routes) == 0 {
		return badRequest("Unable to deploy API because no routes exist in this API")
	}
	return nil
}
