package lambda

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"postern/emulator/conformance"
)

// What names things that are not there is refused as the client's mistake, by every operation that names any. (What a
// missing member and a wrong enum are told is checked for all operations in emulator/wire.)
func TestEveryOperationRefusesWhatIsNotThere(t *testing.T) {
	b := newBench(t)
	c := newClient(t, b)
	for _, op := range b.Wire().Operations {
		switch op.Name {
		case "GetAccountSettings", "ListFunctions", "ListLayers", "ListLayerVersions", "ListCodeSigningConfigs", // name nothing
			"DeleteAlias", "DeleteLayerVersion", // need nothing to be there (recorded)
			"InvokeAsync": // its event is a reader; see TestInvokeAsync
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			err := conformance.Call(t, c, op.Name, func(in reflect.Value) { conformance.Fill(in, "none") })
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("no error of the API: %v", err)
			}
			if status := conformance.Status(err); status < 400 || status >= 500 || api.ErrorMessage() == "" || !strings.HasSuffix(api.ErrorCode(), "Exception") {
				t.Errorf("%d %v", status, api)
			}
		})
	}
}
