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
	"cmd/postern":        {"emulator"},
	"cmd/bench":          {},
	"cmd/bench/worker":   {},
	"examples/hello/go":  {},
	"examples/hello/zip": {},

	"emulator": {
		"emulator/wire", "emulator/store",
		"emulator/acm",
		"emulator/apigateway",
		"emulator/lambda",
		"emulator/iam",
		"emulator/issuer",
		"emulator/sts",
		"emulator/logs",
		"apigw",
		"apigw/cache",
		"apigw/compile",
		"apigw/domain",
		"apigw/gateway",
		"apigw/integration",
		"apigw/jwt",
		"apigw/limit",
		"lambdarunner", "lambdarunner/code", "lambdarunner/process", "lambdarunner/docker",
	},
	"emulator/wire":       {"emulator/wire/sigv4"},
	"emulator/wire/gen":   {},
	"emulator/wire/sigv4": {},
	"emulator/store":      {},
	"emulator/acm":        {"emulator/wire", "emulator/store"},
	"emulator/apigateway": {"emulator/wire", "emulator/store", "apigw/limit"},
	"emulator/lambda":     {"emulator/wire", "emulator/store", "apigw", "lambdarunner", "lambdarunner/code"},
	"emulator/iam":        {"emulator/wire", "emulator/store"},
	"emulator/issuer":     {"apigw/jwt"},
	"emulator/sts":        {"emulator/wire", "emulator/store"},
	"emulator/logs":       {"emulator/wire", "emulator/store"},

	"apigw":             {},
	"apigw/route":       {},
	"apigw/jsonpath":    {},
	"apigw/jwt":         {"apigw"},
	"apigw/vtl":         {"apigw/jsonpath"},
	"apigw/cache":       {"apigw"},
	"apigw/limit":       {},
	"apigw/integration": {"apigw", "apigw/vtl", "apigw/jsonpath"},
	"apigw/compile":     {"apigw", "apigw/route", "apigw/vtl", "apigw/jsonpath", "apigw/integration", "apigw/cache", "apigw/limit"},
	"apigw/domain":      {},
	"apigw/gateway":     {"apigw", "apigw/domain"},

	"lambdarunner":            {},
	"lambdarunner/code":       {"lambdarunner"},
	"lambdarunner/runtimeapi": {"lambdarunner"},
	"lambdarunner/process":    {"lambdarunner", "lambdarunner/runtimeapi"},
	"lambdarunner/docker":     {"lambdarunner", "lambdarunner/runtimeapi"},
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
