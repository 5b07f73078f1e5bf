package apigateway

import "postern/emulator/wire"

// Wire lists what of API Gateway is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "apigateway",
		Operations: []wire.Operation{
			wire.Op("CreateDeployment", s.CreateDeployment),
			wire.Op("CreateModel", s.CreateModel),
			wire.Op("CreateRequestValidator", s.CreateRequestValidator),
			wire.Op("CreateResource", s.CreateResource),
			wire.Op("CreateRestApi", s.CreateRestApi),
			wire.Op("CreateStage", s.CreateStage),
			wire.Op("DeleteDeployment", s.DeleteDeployment),
			wire.Op("DeleteIntegration", s.DeleteIntegration),
			wire.Op("DeleteIntegrationResponse", s.DeleteIntegrationResponse),
			wire.Op("DeleteMethod", s.DeleteMethod),
			wire.Op("DeleteMethodResponse", s.DeleteMethodResponse),
			wire.Op("DeleteModel", s.DeleteModel),
			wire.Op("DeleteRequestValidator", s.DeleteRequestValidator),
			wire.Op("DeleteResource", s.DeleteResource),
			wire.Op("DeleteRestApi", s.DeleteRestApi),
			wire.Op("DeleteStage", s.DeleteStage),
			wire.Op("GetDeployment", s.GetDeployment),
			wire.Op("GetDeployments", s.GetDeployments),
			wire.Op("GetIntegration", s.GetIntegration),
			wire.Op("GetIntegrationResponse", s.GetIntegrationResponse),
			wire.Op("GetMethod", s.GetMethod),
			wire.Op("GetMethodResponse", s.GetMethodResponse),
			wire.Op("GetModel", s.GetModel),
			wire.Op("GetModels", s.GetModels),
			wire.Op("GetRequestValidator", s.GetRequestValidator),
			wire.Op("GetRequestValidators", s.GetRequestValidators),
			wire.Op("GetResource", s.GetResource),
			wire.Op("GetResources", s.GetResources),
			wire.Op("GetRestApi", s.GetRestApi),
			wire.Op("GetRestApis", s.GetRestApis),
			wire.Op("GetStage", s.GetStage),
			wire.Op("GetStages", s.GetStages),
			wire.Op("PutIntegration", s.PutIntegration),
			wire.Op("PutIntegrationResponse", s.PutIntegrationResponse),
			wire.Op("PutMethod", s.PutMethod),
			wire.Op("PutMethodResponse", s.PutMethodResponse),
		},
		Unsupported: unsupported,
	}
}
