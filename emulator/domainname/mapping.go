package domainname

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A Mapping is what is stored of a base path under "domain/basePath".
type Mapping struct {
	ID      string // by which apigatewayv2 knows it
	Mapping types.BasePathMapping
	// Protocol is the API's, as apigatewayv2 names it; "" is a REST API.
	Protocol string `json:",omitempty"`
}

// Mappings hang from their domains.
var Mappings = store.Kind[Mapping]{Service: service, Name: "basepathmapping"}

// Root is how the mapping without a base path is stored, and listed by apigateway.
const Root = "(none)"

// Protocols of APIs that are no REST APIs.
const (
	HTTP      = "HTTP"
	WebSocket = "WEBSOCKET"
)

// Document is where a mapping of a domain is stored.
func (m Mapping) Document(domain string) store.Document[Mapping] {
	return store.Document[Mapping]{ID: domain + "/" + *m.Mapping.BasePath, Parent: Ref(domain), Name: *m.Mapping.BasePath, Value: m}
}

// MultiLevel tells whether the base path has several segments: apigateway neither makes such a mapping
// nor shows it.
func (m Mapping) MultiLevel() bool { return strings.Contains(*m.Mapping.BasePath, "/") }

// MappingsOf are the mappings of a domain by their base paths.
func MappingsOf(tx *store.Tx, domain string) (all []Mapping, err error) {
	page, err := Mappings.List(tx, store.Query{Parent: Ref(domain)})
	for _, m := range page.Documents {
		all = append(all, m.Value)
	}
	return all, err
}

// MappedTo are the domains with a mapping to an API.
func MappedTo(tx *store.Tx, api string) (domains []string, err error) {
	page, err := Mappings.List(tx, store.Query{})
	for _, m := range page.Documents {
		if *m.Value.Mapping.RestApiId == api && !slices.Contains(domains, m.Parent.ID) {
			domains = append(domains, m.Parent.ID)
		}
	}
	return domains, err
}

// Texts of AWS about what does not go together (users reported them).
const (
	mixed = "Mixing of REST APIs and HTTP APIs on the same domain name can only be accomplished through API Gateway's V2 DomainName " +
		"interface. Currently, WebSocket APIs can only be attached to a domain name with other WebSocket APIs. This must also occur " +
		"through API Gateway's V2 DomainName interface."
	onlyTLS12 = "Only REGIONAL domain names with a security policy of TLS 1.2 can be managed through the API Gateway V2 API. For TLS 1.0 " +
		"domain names, please use the API Gateway V1 API to upgrade your security policy to TLS 1.2. Currently, only REST APIs can be " +
		"attached to a domain name with a security policy of TLS 1.0."
	onlyRegional = "Only REGIONAL domain names can be managed through the API Gateway V2 API. For EDGE domain names, please use the API " +
		"Gateway V1 API. Also note that only REST APIs can be attached to EDGE domain names."
)

// maxMultiLevel is how many mappings with several segments a domain may have (REST API guide, "Quotas").
const maxMultiLevel = 200

// CheckMapping refuses a mapping that does not go with its domain or with what else it is mapped to. It
// has not been stored yet. v2 tells whether it comes through apigatewayv2.
func CheckMapping(tx *store.Tx, d *Domain, m Mapping, v2 bool) error {
	if d.Domain.RoutingMode == types.RoutingModeRoutingRuleOnly {
		return badRequest("API mappings cannot be created for a domain name with the routing mode ROUTING_RULE_ONLY.")
	}
	all, err := MappingsOf(tx, *d.Domain.DomainName)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(other Mapping) bool { return other.ID == m.ID })
	for _, other := range all {
		if other.Protocol != m.Protocol && (!v2 || other.Protocol == WebSocket || m.Protocol == WebSocket) {
			return badRequest(mixed)
		}
	}
	return d.fits(append(all, m))
}

// fits tells whether a domain can have mappings, all that it has.
func (d *Domain) fits(all []Mapping) error {
	kinds, multiLevel := map[string]bool{}, 0
	for _, m := range all {
		kinds[m.Protocol] = true
		if m.MultiLevel() {
			multiLevel++
		}
	}
	more := kinds[HTTP] || kinds[WebSocket] || multiLevel > 0
	switch {
	case more && !d.Has(types.EndpointTypeRegional):
		return badRequest(onlyRegional)
	case more && d.Domain.SecurityPolicy == types.SecurityPolicyTls10:
		return badRequest(onlyTLS12)
	case multiLevel > 0 && kinds[WebSocket]:
		return badRequest("API mappings with multiple levels cannot be mapped to WebSocket APIs.")
	case multiLevel > maxMultiLevel:
		return badRequest("Maximum number of multi-level API mappings per domain has been reached: %d", maxMultiLevel)
	case kinds[""] && kinds[HTTP] && d.Domain.RoutingMode != types.RoutingModeBasePathMappingOnly && d.Domain.RoutingMode != "":
		return badRequest("Routing rules are not supported for a domain name with API mappings to both REST and HTTP APIs.")
	}
	return nil
}

// CheckV2 refuses a domain that apigatewayv2 does not manage: one that is also edge-optimized, or whose
// security policy is older than TLS 1.2.
func (d *Domain) CheckV2() error {
	switch {
	case d.Has(types.EndpointTypeEdge):
		return badRequest(onlyRegional)
	case d.Domain.SecurityPolicy == types.SecurityPolicyTls10:
		return badRequest(onlyTLS12)
	}
	return nil
}
