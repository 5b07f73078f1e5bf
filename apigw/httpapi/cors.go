package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"postern/apigw"
)

// CORS is what an HTTP API tells browsers about pages of other origins. Lists are joined by commas; what
// is "" is not said. (HTTP API guide, "Configure CORS for HTTP APIs", read 2026-11.)
type CORS struct {
	// Origins that are allowed, in lower case: "*" is any, "https://*" any of the scheme.
	Origins                          []string
	Credentials                      bool
	Methods, Headers, Expose, MaxAge string
}

// Preflight answers a preflight, before any route or authorizer; to a page of an origin that is not
// allowed it says nothing. An OPTIONS request is one if it has both headers of the guide.
func (c *CORS) Preflight(x *apigw.Exchange) bool {
	if x.Request.Verb != http.MethodOptions {
		return false
	}
	origin, ok := x.Request.HeaderValue("Origin")
	if _, asks := x.Request.HeaderValue("Access-Control-Request-Method"); !ok || !asks {
		return false
	}
	x.Response = apigw.Response{Status: http.StatusNoContent}
	if c.allows(origin) {
		h := &x.Response.Header
		addKnown(h, "Access-Control-Allow-Methods", c.Methods)
		addKnown(h, "Access-Control-Allow-Headers", c.Headers)
		addKnown(h, "Access-Control-Max-Age", c.MaxAge)
	}
	return true
}

func addKnown(h *apigw.Header, name, value string) {
	if value != "" {
		h.Add(name, value)
	}
}

// Finish puts the API's headers in the place of those that a backend sent.
func (c *CORS) Finish(x *apigw.Exchange) {
	h := &x.Response.Header
	preflight := x.Method == nil && x.Rejection == nil
	if !preflight {
		*h = slices.DeleteFunc(*h, func(f apigw.Field) bool {
			return len(f.Name) > len(ownPrefix) && strings.EqualFold(f.Name[:len(ownPrefix)], ownPrefix)
		})
	}
	origin, ok := x.Request.HeaderValue("Origin")
	if !ok || !c.allows(origin) {
		return
	}
	if !c.Credentials && slices.Contains(c.Origins, "*") {
		h.Add("Access-Control-Allow-Origin", "*")
	} else {
		h.Add("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin") // or a cache would show another origin's answer; not seen of AWS
	}
	if c.Credentials {
		h.Add("Access-Control-Allow-Credentials", "true")
	}
	if !preflight {
		addKnown(h, "Access-Control-Expose-Headers", c.Expose)
	}
}

const ownPrefix = "Access-Control-"

// allows tells whether an origin is among those of the configuration.
func (c *CORS) allows(origin string) bool {
	origin = strings.ToLower(origin)
	return slices.ContainsFunc(c.Origins, func(o string) bool {
		scheme, isAny := strings.CutSuffix(o, "*")
		return o == origin || o == "*" || isAny && strings.HasSuffix(scheme, "://") && strings.HasPrefix(origin, scheme)
	})
}
