package emulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// edges is the project's architecture: each package and the packages of ours it
// may import. Anything else is a change of design.
var edges = map[string][]string{
	"cmd/bench":            {"lambdarunner", "lambdarunner/process"},
	"cmd/bench/authorizer": {},
	"cmd/bench/worker":     {},
	"cmd/postern":          {"emulator", "lambdarunner/debugger"},
	"examples/hello/go":    {},
	"examples/hello/zip":   {},

	"emulator": {
		"apigw",
		"apigw/auth",
		"apigw/cache",
		"apigw/compile",
		"apigw/domain",
		"apigw/gateway",
		"apigw/integration",
		"apigw/jwt",
		"apigw/limit",
		"apigw/policy",
		"apigw/service",
		"emulator/acm",
		"emulator/apigateway",
		"emulator/apigatewayv2",
		"emulator/domainname",
		"emulator/iam",
		"emulator/issuer",
		"emulator/lambda",
		"emulator/lazyregexp",
		"emulator/logs",
		"emulator/portal",
		"emulator/quota",
		"emulator/s3",
		"emulator/store",
		"emulator/sts",
		"emulator/wire",
		"emulator/wire/sigv4",
		"lambdarunner",
		"lambdarunner/code",
		"lambdarunner/debugger",
		"lambdarunner/docker",
		"lambdarunner/live",
		"lambdarunner/process",
	},
	"emulator/accesskey": {},
	"emulator/acm":       {"emulator/lazyregexp", "emulator/store", "emulator/wire"},
	"emulator/apigateway": {
		"apigw/jsonschema",
		"apigw/limit",
		"apigw/policy",
		"emulator/domainname",
		"emulator/lazyregexp",
		"emulator/openapi",
		"emulator/quota",
		"emulator/store",
		"emulator/wire",
	},
	"emulator/apigatewayv2": {
		"apigw",
		"apigw/firstclass",
		"apigw/httpapi",
		"apigw/policy",
		"emulator/apigateway",
		"emulator/domainname",
		"emulator/lazyregexp",
		"emulator/openapi",
		"emulator/portal",
		"emulator/quota",
		"emulator/store",
		"emulator/wire",
	},
	"emulator/conformance":        {}, // of tests
	"emulator/conformance/invoke": {}, // a test
	"emulator/domainname":         {"emulator/lazyregexp", "emulator/store"},
	"emulator/durable":            {"emulator/lazyregexp", "emulator/store", "emulator/wire"},
	"emulator/iam":                {"apigw/policy", "emulator/accesskey", "emulator/lazyregexp", "emulator/store", "emulator/wire"},
	"emulator/issuer":             {"apigw/jwt"},
	"emulator/eventsource":        {},

	"emulator/eventsource/queue":  {"emulator/eventsource"},
	"emulator/eventsource/stream": {"emulator/eventsource"},

	"emulator/eventsource/streamtest": {}, // for tests

	"emulator/lambda": {
		"apigw",
		"emulator/durable",
		"emulator/eventsource",
		"emulator/eventsource/queue",
		"emulator/eventsource/stream",
		"emulator/lazyregexp",
		"emulator/store",
		"emulator/wire",
		"lambdarunner",
		"lambdarunner/code",
	},
	"emulator/logs":       {"emulator/lazyregexp", "emulator/store", "emulator/wire"},
	"emulator/openapi":    {},
	"emulator/portal":     {},
	"emulator/quota":      {},
	"emulator/s3":         {"emulator/store", "emulator/wire", "emulator/wire/sigv4"},
	"emulator/store":      {},
	"emulator/sts":        {"apigw/policy", "emulator/accesskey", "emulator/lazyregexp", "emulator/store", "emulator/wire"},
	"emulator/lazyregexp": {},
	"emulator/wire":       {"emulator/lazyregexp", "emulator/wire/sigv4"},
	"emulator/wire/gen":   {},
	"emulator/wire/sigv4": {},

	"apigw":           {},
	"apigw/accesslog": {"apigw"},
	"apigw/auth":      {"apigw", "apigw/integration", "apigw/jwt", "apigw/policy"},
	"apigw/cache":     {"apigw"},
	"apigw/compile": {
		"apigw",
		"apigw/accesslog",
		"apigw/auth",
		"apigw/cache",
		"apigw/firstclass",
		"apigw/httpapi",
		"apigw/integration",
		"apigw/jsonpath",
		"apigw/jsonschema",
		"apigw/jwt",
		"apigw/limit",
		"apigw/policy",
		"apigw/route",
		"apigw/service",
		"apigw/vtl",
	},
	"apigw/domain":      {"apigw"},
	"apigw/firstclass":  {"apigw", "apigw/httpapi", "apigw/integration", "apigw/service"},
	"apigw/gateway":     {"apigw", "apigw/domain", "apigw/websocket"},
	"apigw/httpapi":     {"apigw", "apigw/integration", "apigw/jsonpath"},
	"apigw/integration": {"apigw", "apigw/jsonpath", "apigw/jsonschema", "apigw/service", "apigw/vtl"},
	"apigw/jsonpath":    {},
	"apigw/jsonschema":  {},
	"apigw/jwt/jwttest": {"apigw/jwt"}, // for tests
	"apigw/jwt":         {"apigw"},
	"apigw/limit":       {},
	"apigw/policy":      {},
	"apigw/route":       {},
	"apigw/service":     {},
	"apigw/vtl":         {"apigw/jsonpath"},
	"apigw/websocket":   {},

	"apigw/websocket/wstest": {}, // for tests

	"lambdarunner":            {"lambdarunner/live"},
	"lambdarunner/live":       {},
	"lambdarunner/code":       {"lambdarunner"},
	"lambdarunner/docker":     {"lambdarunner", "lambdarunner/debugger", "lambdarunner/runtimeapi"},
	"lambdarunner/debugger":   {},
	"lambdarunner/process":    {"lambdarunner", "lambdarunner/code", "lambdarunner/debugger", "lambdarunner/runtimeapi"},
	"lambdarunner/runtimeapi": {"lambdarunner"},

	"lambdarunner/debugger/debuggertest": {}, // for tests
}

func TestPackagesImportOnlyWhatTheArchitectureAllows(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "postern/")
		seen[name] = true
		allowed, known := edges[name]
		if !known {
			t.Errorf("package %s is not in the architecture: add it to edges and to docs/ARCHITECTURE.md", name)
		}
		for _, imported := range p.Imports {
			if imported == "html/template" || imported == "text/template" {
				t.Errorf("%s imports %s, with which the linker keeps every method of the SDK's clients", name, imported)
			}
			ours, ok := strings.CutPrefix(imported, "postern/")
			if ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which is not allowed", name, ours)
			}
		}
	}
	for name := range edges {
		if !seen[name] {
			t.Errorf("package %s is in the architecture and not in the tree", name)
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) (all []listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "postern/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
