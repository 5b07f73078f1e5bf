package apigateway

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// listing are operations that name nothing that could be missing.
var listing = map[string]bool{
	"CreateApiKey": true, "CreateDomainName": true, "CreateRestApi": true, "CreateUsagePlan": true, "CreateVpcLink": true, "GenerateClientCertificate": true,
	"GetAccount": true, "GetApiKeys": true, "GetClientCertificates": true, "GetDomainNameAccessAssociations": true, "GetDomainNames": true, "GetRestApis": true,
	"GetSdkTypes": true, "GetUsagePlans": true, "GetVpcLinks": true, "ImportApiKeys": true, "ImportRestApi": true, "UpdateAccount": true,
}

// What names things that are not there is refused as the client's mistake: an operation neither succeeds
// nor falls over. (What a missing member and a wrong enum are told is checked for all
// operations in emulator/wire.)
func TestEveryOperationRefusesWhatIsNotThere(t *testing.T) {
	b := newBench(t)
	client := b.client()
	for _, op := range b.Wire().Operations {
		if listing[op.Name] {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			err := call(t, client, op.Name, func(in reflect.Value) { fill(in, "none") })
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("no error of the API: %v", err)
			}
			status := statusOf(err)
			switch api.ErrorCode() {
			case "NotFoundException", "BadRequestException", "ConflictException", "ValidationException":
			default:
				t.Errorf("%d %v", status, api)
			}
			if status < 400 || status >= 500 || api.ErrorMessage() == "" {
				t.Errorf("%d %v", status, api)
			}
		})
	}
}

// A patch that cannot be is refused by every Update operation, and changes nothing.
func TestEveryUpdateRefusesAPatchThatCannotBe(t *testing.T) {
	b := newBench(t)
	client := b.client()
	for _, op := range b.Wire().Operations {
		if !strings.HasPrefix(op.Name, "Update") {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			for _, p := range []types.PatchOperation{
				{Op: types.OpReplace, Path: aws.String("/no/such/path"), Value: aws.String("x")},
				{Op: types.OpTest, Path: aws.String("/name")},
				{Op: types.OpMove, Path: aws.String("/name"), From: aws.String("/description")},
				{Op: types.OpAdd},
				{Op: "nonsense", Path: aws.String("/name")},
			} {
				err := call(t, client, op.Name, func(in reflect.Value) {
					fill(in, "none")
					in.FieldByName("PatchOperations").Set(reflect.ValueOf([]types.PatchOperation{p}))
				})
				if status := statusOf(err); status < 400 || status >= 500 {
					t.Errorf("%s %s: %d, %v", p.Op, aws.ToString(p.Path), status, err)
				}
			}
		})
	}
}

// call calls an operation of the SDK's client with an input that set makes.
func call(t *testing.T, client *sdk.Client, operation string, set func(in reflect.Value)) error {
	t.Helper()
	method := reflect.ValueOf(client).MethodByName(operation)
	in := reflect.New(method.Type().In(1).Elem())
	set(in.Elem())
	out := method.Call([]reflect.Value{reflect.ValueOf(context.WithoutCancel(t.Context())), in})
	err, _ := out[1].Interface().(error)
	return err
}

// fill gives every member that has none something of its type: text is word, enums have their first value.
func fill(v reflect.Value, word string) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch t := v.Type().Field(i); {
		case !t.IsExported() || t.Name == "ResultMetadata":
		case f.Type() == reflect.TypeFor[*string]():
			f.Set(reflect.ValueOf(&word))
		case f.Kind() == reflect.String:
			if values := f.MethodByName("Values"); values.IsValid() {
				f.Set(values.Call(nil)[0].Index(0))
			}
		case f.Type() == reflect.TypeFor[[]byte]():
			f.SetBytes([]byte(word))
		case f.Type() == reflect.TypeFor[[]string]():
			f.Set(reflect.ValueOf([]string{word}))
		case f.Type() == reflect.TypeFor[map[string]string]():
			f.Set(reflect.ValueOf(map[string]string{word: word}))
		case f.Type() == reflect.TypeFor[*types.DocumentationPartLocation]():
			f.Set(reflect.ValueOf(&types.DocumentationPartLocation{Type: types.DocumentationPartTypeApi}))
		case f.Type() == reflect.TypeFor[[]types.PatchOperation]():
			f.Set(reflect.ValueOf([]types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/description"), Value: &word}}))
		}
	}
}

func statusOf(err error) int {
	var res *smithyhttp.ResponseError
	if errors.As(err, &res) {
		return res.HTTPStatusCode()
	}
	if err != nil {
		return 0 // it never got there
	}
	return http.StatusOK
}
