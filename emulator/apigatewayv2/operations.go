package apigatewayv2

import (
	"slices"

	"postern/emulator/wire"
)

// Wire lists what of API Gateway V2 is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "apigatewayv2",
		Operations: slices.Concat(
			s.apiOperations(),
			s.domainOperations(),
			s.portalOperations(),
			s.documentOperations(),
		),
		Unsupported: unsupported,
		Differences: differences,
	}
}

// apiOperations are those of APIs and what they consist of.
func (s *Service) apiOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("CreateApi", s.CreateApi),
		wire.Op("CreateAuthorizer", s.CreateAuthorizer),
		wire.Op("CreateDeployment", s.CreateDeployment),
		wire.Op("CreateIntegration", s.CreateIntegration),
		wire.Op("CreateIntegrationResponse", s.CreateIntegrationResponse),
		wire.Op("CreateModel", s.CreateModel),
		wire.Op("CreateRoute", s.CreateRoute),
		wire.Op("CreateRouteResponse", s.CreateRouteResponse),
		wire.Op("CreateStage", s.CreateStage),
		wire.Op("DeleteAccessLogSettings", s.DeleteAccessLogSettings),
		wire.Op("DeleteApi", s.DeleteApi),
		wire.Op("DeleteAuthorizer", s.DeleteAuthorizer),
		wire.Op("DeleteCorsConfiguration", s.DeleteCorsConfiguration),
		wire.Op("DeleteDeployment", s.DeleteDeployment),
		wire.Op("DeleteIntegration", s.DeleteIntegration),
		wire.Op("DeleteIntegrationResponse", s.DeleteIntegrationResponse),
		wire.Op("DeleteModel", s.DeleteModel),
		wire.Op("DeleteRoute", s.DeleteRoute),
		wire.Op("DeleteRouteRequestParameter", s.DeleteRouteRequestParameter),
		wire.Op("DeleteRouteResponse", s.DeleteRouteResponse),
		wire.Op("DeleteRouteSettings", s.DeleteRouteSettings),
		wire.Op("DeleteStage", s.DeleteStage),
		wire.Op("GetApi", s.GetApi),
		wire.Op("GetApis", s.GetApis),
		wire.Op("GetAuthorizer", s.GetAuthorizer),
		wire.Op("GetAuthorizers", s.GetAuthorizers),
		wire.Op("GetDeployment", s.GetDeployment),
		wire.Op("GetDeployments", s.GetDeployments),
		wire.Op("GetIntegration", s.GetIntegration),
		wire.Op("GetIntegrationResponse", s.GetIntegrationResponse),
		wire.Op("GetIntegrationResponses", s.GetIntegrationResponses),
		wire.Op("GetIntegrations", s.GetIntegrations),
		wire.Op("GetModel", s.GetModel),
		wire.Op("GetModelTemplate", s.GetModelTemplate),
		wire.Op("GetModels", s.GetModels),
		wire.Op("GetRoute", s.GetRoute),
		wire.Op("GetRouteResponse", s.GetRouteResponse),
		wire.Op("GetRouteResponses", s.GetRouteResponses),
		wire.Op("GetRoutes", s.GetRoutes),
		wire.Op("GetStage", s.GetStage),
		wire.Op("GetStages", s.GetStages),
		wire.Op("GetTags", s.GetTags),
		wire.Op("ResetAuthorizersCache", s.ResetAuthorizersCache),
		wire.Op("TagResource", s.TagResource),
		wire.Op("UntagResource", s.UntagResource),
		wire.Op("UpdateApi", s.UpdateApi),
		wire.Op("UpdateAuthorizer", s.UpdateAuthorizer),
		wire.Op("UpdateDeployment", s.UpdateDeployment),
		wire.Op("UpdateIntegration", s.UpdateIntegration),
		wire.Op("UpdateIntegrationResponse", s.UpdateIntegrationResponse),
		wire.Op("UpdateModel", s.UpdateModel),
		wire.Op("UpdateRoute", s.UpdateRoute),
		wire.Op("UpdateRouteResponse", s.UpdateRouteResponse),
		wire.Op("UpdateStage", s.UpdateStage),
	}
}

// domainOperations are those of custom domain names and what leads from them to APIs, and of VPC links.
func (s *Service) domainOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("CreateApiMapping", s.CreateApiMapping),
		wire.Op("CreateDomainName", s.CreateDomainName),
		wire.Op("CreateRoutingRule", s.CreateRoutingRule),
		wire.Op("CreateVpcLink", s.CreateVpcLink),
		wire.Op("DeleteApiMapping", s.DeleteApiMapping),
		wire.Op("DeleteDomainName", s.DeleteDomainName),
		wire.Op("DeleteRoutingRule", s.DeleteRoutingRule),
		wire.Op("DeleteVpcLink", s.DeleteVpcLink),
		wire.Op("GetApiMapping", s.GetApiMapping),
		wire.Op("GetApiMappings", s.GetApiMappings),
		wire.Op("GetDomainName", s.GetDomainName),
		wire.Op("GetDomainNames", s.GetDomainNames),
		wire.Op("GetRoutingRule", s.GetRoutingRule),
		wire.Op("GetVpcLink", s.GetVpcLink),
		wire.Op("GetVpcLinks", s.GetVpcLinks),
		wire.Op("ListRoutingRules", s.ListRoutingRules),
		wire.Op("PutRoutingRule", s.PutRoutingRule),
		wire.Op("UpdateApiMapping", s.UpdateApiMapping),
		wire.Op("UpdateDomainName", s.UpdateDomainName),
		wire.Op("UpdateVpcLink", s.UpdateVpcLink),
	}
}

// documentOperations are those of OpenAPI documents.
func (s *Service) documentOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("ExportApi", s.ExportApi),
		wire.Op("ImportApi", s.ImportApi),
		wire.Op("ReimportApi", s.ReimportApi),
	}
}

// portalOperations are those of portals and their products.
func (s *Service) portalOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("CreatePortal", s.CreatePortal),
		wire.Op("CreatePortalProduct", s.CreatePortalProduct),
		wire.Op("CreateProductPage", s.CreateProductPage),
		wire.Op("CreateProductRestEndpointPage", s.CreateProductRestEndpointPage),
		wire.Op("DeletePortal", s.DeletePortal),
		wire.Op("DeletePortalProduct", s.DeletePortalProduct),
		wire.Op("DeletePortalProductSharingPolicy", s.DeletePortalProductSharingPolicy),
		wire.Op("DeleteProductPage", s.DeleteProductPage),
		wire.Op("DeleteProductRestEndpointPage", s.DeleteProductRestEndpointPage),
		wire.Op("DisablePortal", s.DisablePortal),
		wire.Op("GetPortal", s.GetPortal),
		wire.Op("GetPortalProduct", s.GetPortalProduct),
		wire.Op("GetPortalProductSharingPolicy", s.GetPortalProductSharingPolicy),
		wire.Op("GetProductPage", s.GetProductPage),
		wire.Op("GetProductRestEndpointPage", s.GetProductRestEndpointPage),
		wire.Op("ListPortalProducts", s.ListPortalProducts),
		wire.Op("ListPortals", s.ListPortals),
		wire.Op("ListProductPages", s.ListProductPages),
		wire.Op("ListProductRestEndpointPages", s.ListProductRestEndpointPages),
		wire.Op("PreviewPortal", s.PreviewPortal),
		wire.Op("PublishPortal", s.PublishPortal),
		wire.Op("PutPortalProductSharingPolicy", s.PutPortalProductSharingPolicy),
		wire.Op("UpdatePortal", s.UpdatePortal),
		wire.Op("UpdatePortalProduct", s.UpdatePortalProduct),
		wire.Op("UpdateProductPage", s.UpdateProductPage),
		wire.Op("UpdateProductRestEndpointPage", s.UpdateProductRestEndpointPage),
	}
}
