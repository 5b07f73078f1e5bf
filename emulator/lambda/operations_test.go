package lambda

import (
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
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

// The outputs repeat FunctionConfiguration; answer copies by name.
func TestAnswerFillsEveryMemberOfTheOutputs(t *testing.T) {
	for _, out := range []any{
		sdk.CreateFunctionOutput{}, sdk.GetFunctionConfigurationOutput{}, sdk.PublishVersionOutput{},
		sdk.UpdateFunctionCodeOutput{}, sdk.UpdateFunctionConfigurationOutput{},
	} {
		sameMembers(t, reflect.TypeOf(out), reflect.TypeFor[types.FunctionConfiguration]())
	}
	for _, out := range []any{sdk.CreateAliasOutput{}, sdk.GetAliasOutput{}, sdk.UpdateAliasOutput{}} {
		sameMembers(t, reflect.TypeOf(out), reflect.TypeFor[types.AliasConfiguration]())
	}
}

func sameMembers(t *testing.T, out, from reflect.Type) {
	t.Helper()
	for i := range out.NumField() {
		f := out.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		if g, ok := from.FieldByName(f.Name); !ok || g.Type != f.Type {
			t.Errorf("%s.%s has no counterpart in %s", out, f.Name, from)
		}
	}
}
