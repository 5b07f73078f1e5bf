package acm

import "postern/emulator/wire"

// Wire lists what of ACM is served.
func (s *Service) Wire() wire.Service {
	return wire.Service{
		Name: "acm",
		Operations: []wire.Operation{
			wire.Op("AddTagsToCertificate", s.AddTagsToCertificate),
			wire.Op("DeleteCertificate", s.DeleteCertificate),
			wire.Op("DescribeCertificate", s.DescribeCertificate),
			wire.Op("GetCertificate", s.GetCertificate),
			wire.Op("ImportCertificate", s.ImportCertificate),
			wire.Op("ListCertificates", s.ListCertificates),
			wire.Op("ListTagsForCertificate", s.ListTagsForCertificate),
			wire.Op("RemoveTagsFromCertificate", s.RemoveTagsFromCertificate),
			wire.Op("RenewCertificate", s.RenewCertificate),
			wire.Op("RequestCertificate", s.RequestCertificate),
			wire.Op("UpdateCertificateOptions", s.UpdateCertificateOptions),
		},
		Unsupported: unsupported,
	}
}
