package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"postern/emulator/store"
)

type corsRule struct {
	Origins []string `xml:"AllowedOrigin"`
	Methods []string `xml:"AllowedMethod"`
	Headers []string `xml:"AllowedHeader"`
	Expose  []string `xml:"ExposeHeader"`
	MaxAge  *int     `xml:"MaxAgeSeconds"`
}

type corsDocument struct {
	Rules []corsRule `xml:"CORSRule"`
}

func acceptCORS(document []byte) error {
	var in corsDocument
	if xml.Unmarshal(document, &in) != nil || len(in.Rules) == 0 {
		return malformedXML()
	}
	for _, r := range in.Rules {
		if len(r.Origins) == 0 || len(r.Methods) == 0 {
			return malformedXML()
		}
		for _, m := range r.Methods {
			if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "HEAD"}, m) {
				return invalidRequest("Found unsupported HTTP method in CORS config. Unsupported method is " + m)
			}
		}
		for _, o := range slices.Concat(r.Origins, r.Headers) {
			if strings.Count(o, "*") > 1 {
				return invalidRequest("AllowedOrigin \"" + o + "\" can not have more than one wildcard.")
			}
		}
	}
	return nil
}

// cors answers a preflight request, and adds what the bucket lets a web page see to any other answer
// ("Using cross-origin resource sharing", S3 User Guide).
func (c *call) cors() (done bool, err error) {
	origin := c.header("Origin")
	preflight := c.r.Method == http.MethodOptions
	if origin == "" && !preflight {
		return false, nil
	}
	method := c.r.Method
	if preflight {
		if method = c.header("Access-Control-Request-Method"); origin == "" || method == "" {
			return true, &Error{Status: 400, Code: "BadRequest", Message: "Insufficient information. Origin request header needed."}
		}
	}
	document := ""
	if c.bucket != "" {
		err = c.view(func(_ *store.Tx, b bucket) error {
			document = b.Configurations["cors"]
			return nil
		})
	}
	if err != nil {
		return preflight, nil // the operation says so itself
	}
	rule, allowed := findRule(document, origin, method, c.header("Access-Control-Request-Headers"))
	if rule != nil {
		c.setCORS(rule, origin, allowed)
	}
	switch {
	case !preflight:
		return false, nil
	case document == "":
		return true, &Error{Status: 403, Code: "AccessForbidden", Message: "CORSResponse: CORS is not enabled for this bucket."}
	case rule == nil:
		return true, &Error{Status: 403, Code: "AccessForbidden", Message: "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."}
	}
	return true, c.done(nil)
}

func (c *call) setCORS(rule *corsRule, origin, headers string) {
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	if slices.Contains(rule.Origins, "*") {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(rule.Methods, ", "))
	if headers != "" {
		h.Set("Access-Control-Allow-Headers", headers)
	}
	if len(rule.Expose) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(rule.Expose, ", "))
	}
	if rule.MaxAge != nil {
		h.Set("Access-Control-Max-Age", strconv.Itoa(*rule.MaxAge))
	}
	h.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
}

// findRule is the first that lets a request through, and the headers that it lets through.
func findRule(document, origin, method, headers string) (*corsRule, string) {
	var d corsDocument
	if document == "" || xml.Unmarshal([]byte(document), &d) != nil {
		return nil, ""
	}
	var wanted []string
	for h := range strings.SplitSeq(headers, ",") {
		if h = strings.ToLower(strings.TrimSpace(h)); h != "" {
			wanted = append(wanted, h)
		}
	}
	for i := range d.Rules {
		r := &d.Rules[i]
		if !slices.Contains(r.Methods, method) || !matchesAny(r.Origins, origin) {
			continue
		}
		if !slices.ContainsFunc(wanted, func(h string) bool { return !matchesAny(r.Headers, h) }) {
			return r, strings.Join(wanted, ", ")
		}
	}
	return nil, ""
}

// matchesAny compares with patterns that may have one asterisk.
func matchesAny(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		before, after, wild := strings.Cut(p, "*")
		if !wild {
			return strings.EqualFold(p, s)
		}
		return len(s) >= len(before)+len(after) && strings.EqualFold(s[:len(before)], before) && strings.EqualFold(s[len(s)-len(after):], after)
	})
}
