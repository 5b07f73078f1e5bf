package domainname

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/store"
)

// A Mapping is what is stored of a base path under "domain/basePath".
type Mapping struct {
	ID      string // by which apigatewayv2 knows it
	Mapping types.BasePathMapping
}

// Mappings hang from their domains.
var Mappings = store.Kind[Mapping]{Service: service, Name: "basepathmapping"}

// Root is how the mapping without a base path is stored, and listed by apigateway.
const Root = "(none)"

// Document is where a mapping of a domain is stored.
func (m Mapping) Document(domain string) store.Document[Mapping] {
	return store.Document[Mapping]{ID: domain + "/" + *m.Mapping.BasePath, Parent: Ref(domain), Name: *m.Mapping.BasePath, Value: m}
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
