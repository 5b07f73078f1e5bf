package acm

const (
	acme   = "there are no ACME endpoints"
	export = "private keys are not given out"
	events = "no events tell that a certificate expires"
	proof  = "certificates are issued at once: nobody has to prove anything"
)

// unsupported is what is not served, and why.
var unsupported = map[string]string{
	"CreateAcmeDomainValidation":               acme,
	"CreateAcmeEndpoint":                       acme,
	"CreateAcmeExternalAccountBinding":         acme,
	"DeleteAcmeDomainValidation":               acme,
	"DeleteAcmeEndpoint":                       acme,
	"DeleteAcmeExternalAccountBinding":         acme,
	"DescribeAcmeAccount":                      acme,
	"DescribeAcmeDomainValidation":             acme,
	"DescribeAcmeEndpoint":                     acme,
	"DescribeAcmeExternalAccountBinding":       acme,
	"GetAcmeExternalAccountBindingCredentials": acme,
	"ListAcmeAccounts":                         acme,
	"ListAcmeDomainValidations":                acme,
	"ListAcmeEndpoints":                        acme,
	"ListAcmeExternalAccountBindings":          acme,
	"RevokeAcmeAccount":                        acme,
	"RevokeAcmeExternalAccountBinding":         acme,
	"UpdateAcmeDomainValidation":               acme,
	"UpdateAcmeEndpoint":                       acme,
	"ExportCertificate":                        export,
	"GetAccountConfiguration":                  events,
	"PutAccountConfiguration":                  events,
	"ListCertificateDomainValidations":         proof,
	"ListTagsForResource":                      "use ListTagsForCertificate",
	"ResendValidationEmail":                    proof,
	"RevokeCertificate":                        "the local CA keeps no list of what it revoked: delete the certificate",
	"SearchCertificates":                       "use ListCertificates",
	"TagResource":                              "use AddTagsToCertificate",
	"UntagResource":                            "use RemoveTagsFromCertificate",
}
