package emulator_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	sdkmanagement "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	sdkv2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	sdklambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"postern/apigw/gateway"
	"postern/emulator/apigateway"
	"postern/emulator/apigatewayv2"
	"postern/emulator/lambda"
	"postern/emulator/wire"
)

var update = flag.Bool("update", false, "rewrite the operation tables in docs")

// documented are the services whose operations have a table in docs.
var documented = []struct {
	title   string
	service wire.Service
	client  reflect.Type
}{
	{"API Gateway, HTTP and WebSocket APIs (apigatewayv2)", apigatewayv2.New(apigatewayv2.Options{}).Wire(), reflect.TypeFor[*sdkv2.Client]()},
	{"Lambda (lambda)", (*lambda.Service)(nil).Wire(), reflect.TypeFor[*sdklambda.Client]()},
	{"API Gateway, connections of WebSocket APIs (apigatewaymanagementapi)", connectionService(), reflect.TypeFor[*sdkmanagement.Client]()},
	{"API Gateway, REST APIs (apigateway)", apigateway.New(apigateway.Options{}).Wire(), reflect.TypeFor[*sdk.Client]()},
}

// connectionService lists what the gateway serves of apigatewaymanagementapi, at the URLs of stages.
func connectionService() wire.Service {
	s := wire.Service{Name: "apigatewaymanagementapi", Differences: map[string]string{}}
	for _, name := range gateway.ConnectionOperations() {
		s.Operations = append(s.Operations, wire.Operation{Name: name})
		s.Differences[name] = "A request has to be signed; whether its signature is good and its caller may is only looked at with `--verify-signatures`."
	}
	return s
}

// The tables are made of what the services list: go test ./emulator -run OperationTables -update
func TestOperationTablesAreUpToDate(t *testing.T) {
	for _, d := range documented {
		path := filepath.Join(root(t), "docs", "operations-"+d.service.Name+".md")
		want := operationTable(d.title, d.service, operationsOf(d.client))
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date (%v): run go test ./emulator -run OperationTables -update", path, err)
		}
	}
}

// operationsOf lists the operations of an SDK client.
func operationsOf(client reflect.Type) (names []string) {
	for m := range client.Methods() {
		if m.Type.NumIn() == 4 && m.Name != "Options" { // receiver, context, input, options
			names = append(names, m.Name)
		}
	}
	return names
}

func operationTable(title string, s wire.Service, names []string) []byte {
	served := map[string]bool{}
	for _, op := range s.Operations {
		served[op.Name] = true
	}
	var b bytes.Buffer
	from := "`operations.go`, `differences.go` and `unsupported.go` in `emulator/" + s.Name + "`"
	if s.Name == "apigatewaymanagementapi" {
		from = "`apigw/gateway/connections.go`"
	}
	fmt.Fprintf(&b, "# %s\n\nAll %d operations of the SDK's client, and how they differ from AWS's. Made by `go test ./emulator -run OperationTables -update` of\n"+
		"%s.\n\n| operation | | differs from AWS |\n|---|---|---|\n", title, len(names), from)
	for _, name := range slices.Sorted(slices.Values(names)) {
		mark, text := "served", s.Differences[name]
		if !served[name] {
			mark, text = "501", s.Unsupported[name]
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, mark, strings.ReplaceAll(text, "|", `\|`))
	}
	return b.Bytes()
}

func TestDifferencesAreOfOperationsThatAreServed(t *testing.T) {
	for _, d := range documented {
		for name := range d.service.Differences {
			if !slices.ContainsFunc(d.service.Operations, func(op wire.Operation) bool { return op.Name == name }) {
				t.Errorf("%s: %s is not served", d.service.Name, name)
			}
		}
	}
}
