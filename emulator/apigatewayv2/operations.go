package apigatewayv2

import "postern/emulator/wire"

// Wire lists what of API Gateway V2 is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name:        "apigatewayv2",
		Operations:  []wire.Operation{},
		Unsupported: unsupported,
		Differences: differences,
	}
}
