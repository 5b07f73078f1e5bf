package apigateway

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/conformance"
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
	var names []string
	for _, op := range b.Wire().Operations {
		if !listing[op.Name] {
			names = append(names, op.Name)
		}
	}
	conformance.RefuseWhatIsNotThere(t, b.client(), names)
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
				err := conformance.Call(t, client, op.Name, func(in reflect.Value) {
					conformance.Fill(in, "none")
					in.FieldByName("PatchOperations").Set(reflect.ValueOf([]types.PatchOperation{p}))
				})
				if status := conformance.Status(err); status < 400 || status >= 500 {
					t.Errorf("%s %s: %d, %v", p.Op, aws.ToString(p.Path), status, err)
				}
			}
		})
	}
}
