package apigateway

import (
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
)

func TestEveryOperationOfTheSDKIsServedOrRefusedWithAReason(t *testing.T) {
	w := newBench(t).Wire()
	served := map[string]bool{}
	for _, op := range w.Operations {
		served[op.Name] = true
		if w.Unsupported[op.Name] != "" {
			t.Errorf("%s is both served and refused", op.Name)
		}
	}
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name != "Options" && !served[name] && w.Unsupported[name] == "" {
			t.Errorf("%s is neither served nor refused", name)
		}
	}
	for name := range w.Unsupported {
		if _, ok := client.MethodByName(name); !ok {
			t.Errorf("%s is no operation", name)
		}
	}
}
