package lambda

import "postern/emulator/wire"

// Wire lists the operations that are served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "lambda",
		Operations: []wire.Operation{
			wire.Op("AddPermission", s.AddPermission),
			wire.Op("CreateAlias", s.CreateAlias),
			wire.Op("CreateFunction", s.CreateFunction),
			wire.Op("DeleteAlias", s.DeleteAlias),
			wire.Op("DeleteFunction", s.DeleteFunction),
			wire.Op("DeleteFunctionConcurrency", s.DeleteFunctionConcurrency),
			wire.Op("DeleteFunctionEventInvokeConfig", s.DeleteFunctionEventInvokeConfig),
			wire.Op("DeleteProvisionedConcurrencyConfig", s.DeleteProvisionedConcurrencyConfig),
			wire.Op("GetAccountSettings", s.GetAccountSettings),
			wire.Op("GetAlias", s.GetAlias),
			wire.Op("GetFunction", s.GetFunction),
			wire.Op("GetFunctionCodeSigningConfig", s.GetFunctionCodeSigningConfig),
			wire.Op("GetFunctionConcurrency", s.GetFunctionConcurrency),
			wire.Op("GetFunctionConfiguration", s.GetFunctionConfiguration),
			wire.Op("GetFunctionEventInvokeConfig", s.GetFunctionEventInvokeConfig),
			wire.Op("GetPolicy", s.GetPolicy),
			wire.Op("GetProvisionedConcurrencyConfig", s.GetProvisionedConcurrencyConfig),
			wire.Op("Invoke", s.InvokeFunction),
			wire.Stream("InvokeWithResponseStream", s.InvokeWithResponseStream),
			wire.Op("ListAliases", s.ListAliases),
			wire.Op("ListFunctionEventInvokeConfigs", s.ListFunctionEventInvokeConfigs),
			wire.Op("ListFunctions", s.ListFunctions),
			wire.Op("ListProvisionedConcurrencyConfigs", s.ListProvisionedConcurrencyConfigs),
			wire.Op("ListTags", s.ListTags),
			wire.Op("ListVersionsByFunction", s.ListVersionsByFunction),
			wire.Op("PublishVersion", s.PublishVersion),
			wire.Op("PutFunctionConcurrency", s.PutFunctionConcurrency),
			wire.Op("PutFunctionEventInvokeConfig", s.PutFunctionEventInvokeConfig),
			wire.Op("PutProvisionedConcurrencyConfig", s.PutProvisionedConcurrencyConfig),
			wire.Op("RemovePermission", s.RemovePermission),
			wire.Op("TagResource", s.TagResource),
			wire.Op("UntagResource", s.UntagResource),
			wire.Op("UpdateAlias", s.UpdateAlias),
			wire.Op("UpdateFunctionCode", s.UpdateFunctionCode),
			wire.Op("UpdateFunctionConfiguration", s.UpdateFunctionConfiguration),
			wire.Op("UpdateFunctionEventInvokeConfig", s.UpdateFunctionEventInvokeConfig),
		},
		Unsupported: unsupported,
		Differences: differences,
	}
}
