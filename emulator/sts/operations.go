package sts

import "postern/emulator/wire"

// Wire lists what of STS is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "sts",
		Operations: []wire.Operation{
			wire.Op("AssumeRole", s.AssumeRole),
			wire.Op("GetAccessKeyInfo", s.GetAccessKeyInfo),
			wire.Op("GetCallerIdentity", s.GetCallerIdentity),
		},
		Unsupported: unsupported,
	}
}
