// Package quota knows how many things an API, or an account in a region, may have: API Gateway's quotas as
// every account starts with them, and what the configuration raises or lifts. It counts nothing: that is for the services.
package quota

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Names of quotas (Developer guides of API Gateway, "Quotas for configuring and running").
const (
	Resources    = "resources"    // of a REST API, its root not counted
	Routes       = "routes"       // of an HTTP or WebSocket API
	Integrations = "integrations" // of an HTTP or WebSocket API
	Stages       = "stages"
	Authorizers  = "authorizers"

	// Of an account in a region.
	APIKeys            = "api-keys"
	UsagePlans         = "usage-plans"
	ClientCertificates = "client-certificates"
	Domains            = "domains" // public ones, whichever API of AWS made them
	PrivateDomains     = "private-domains"
	VPCLinks           = "vpc-links"      // of REST APIs
	VPCLinksV2         = "http-vpc-links" // of HTTP APIs

	// REST APIs by their endpoint type. AWS's 120 and 600 do not count here unless they are given: an account on this
	// machine has whatever all its tests leave behind.
	EdgeAPIs     = "edge-apis"
	RegionalAPIs = "regional-apis"
	PrivateAPIs  = "private-apis"
)

// The Developer guide's tables "Quotas for configuring and running a REST API" and "… an HTTP API", read 2026-11.
var defaults = map[string]int{
	Resources: 300, Routes: 300, Integrations: 300, Stages: 10, Authorizers: 10,
	APIKeys: 10000, UsagePlans: 300, ClientCertificates: 60, Domains: 120, PrivateDomains: 50, VPCLinks: 20, VPCLinksV2: 10,
	EdgeAPIs: 0, RegionalAPIs: 0, PrivateAPIs: 0,
}

// Quotas are how many things of a name there may be; 0 is as many as one likes. A nil Quotas has
// AWS's defaults.
type Quotas map[string]int

// New takes quotas in place of the defaults. The error is about names that are none.
func New(given map[string]int) (Quotas, error) {
	q := maps.Clone(defaults)
	for name, n := range given {
		if _, ok := q[name]; !ok {
			return nil, fmt.Errorf("quota %q is none of %s", name, strings.Join(slices.Sorted(maps.Keys(defaults)), ", "))
		}
		if n < 0 {
			return nil, fmt.Errorf("quota %s cannot be negative", name)
		}
		q[name] = n
	}
	return q, nil
}

// Bounds tells whether there may only be so many things of a name.
func (q Quotas) Bounds(name string) bool {
	return q.of(name) > 0
}

func (q Quotas) of(name string) int {
	if q == nil {
		return defaults[name]
	}
	return q[name]
}

// Exceeded tells whether there are more things of a name than there may be.
func (q Quotas) Exceeded(name string, has int) bool {
	return q.Bounds(name) && has > q.of(name)
}

// Reached is AWS's text about a quota of an API that would be exceeded (captured, with two blanks between
// the sentences: terraform-provider-aws issue 37605).
func Reached(name string) string {
	things := strings.ToUpper(name[:1]) + name[1:]
	return "Maximum number of " + things + " for this API has been reached.  Please contact AWS if you need additional " + things + "."
}

// inWords are quotas of an account as its text has them.
var inWords = map[string]string{
	APIKeys: "API Keys", UsagePlans: "Usage Plans", ClientCertificates: "Client Certificates",
	Domains: "Domain Names", PrivateDomains: "Private Domain Names", VPCLinks: "VPC Links", VPCLinksV2: "VPC Links",
	EdgeAPIs: "Edge-optimized APIs", RegionalAPIs: "Regional APIs", PrivateAPIs: "Private APIs",
}

// ReachedByAccount is the text about a quota of an account that would be exceeded. AWS's is not known;
// this has the form of an API's.
func ReachedByAccount(name string) string {
	things := inWords[name]
	return "Maximum number of " + things + " for this account has been reached.  Please contact AWS if you need additional " + things + "."
}
