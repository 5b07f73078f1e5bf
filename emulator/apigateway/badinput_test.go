package apigateway

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

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

// goodPatches are one for each Update operation, of the things that there are.
var goodPatches = map[string]string{
	"UpdateAccount": "replace /cloudwatchRoleArn arn:aws:iam::111122223333:role/r", "UpdateApiKey": "replace /description d",
	"UpdateAuthorizer": "replace /name d", "UpdateBasePathMapping": "replace /basePath d", "UpdateClientCertificate": "replace /description d",
	"UpdateDeployment": "replace /description d", "UpdateDocumentationPart": `replace /properties {"d":1}`,
	"UpdateDocumentationVersion": "replace /description d",
	"UpdateDomainName":           "replace /regionalCertificateArn arn:aws:acm:eu-west-1:111122223333:certificate/imported",
	"UpdateGatewayResponse":      "replace /statusCode 499", "UpdateIntegration": "replace /timeoutInMillis 1000",
	"UpdateIntegrationResponse": "replace /selectionPattern d", "UpdateMethod": "replace /operationName d",
	"UpdateMethodResponse": "add /responseParameters/method.response.header.d false", "UpdateModel": "replace /description d",
	"UpdateRequestValidator": "replace /name d", "UpdateResource": "replace /pathPart d", "UpdateRestApi": "replace /description d",
	"UpdateStage": "replace /description d", "UpdateUsage": "replace /remaining 2", "UpdateUsagePlan": "replace /description d",
	"UpdateVpcLink": "replace /description d",
}

// A patch that cannot be is refused by every Update operation with the text in testdata/badpatches.txt, and
// takes the good one before it along: nothing changes.
func TestEveryUpdateRefusesAPatchThatCannotBe(t *testing.T) {
	b := newBench(t)
	there, client := b.certified(t), b.client()
	var got strings.Builder
	for _, op := range b.Wire().Operations {
		if !strings.HasPrefix(op.Name, "Update") {
			continue
		}
		good := patch(goodPatches[op.Name])
		send := func(operations ...types.PatchOperation) error {
			return conformance.Call(t, client, op.Name, func(in reflect.Value) {
				there.name(in)
				in.FieldByName("PatchOperations").Set(reflect.ValueOf(operations))
			})
		}
		before := b.state(t)
		for _, bad := range []types.PatchOperation{
			{Op: types.OpReplace, Path: aws.String("/no/such/path"), Value: aws.String("x")},
			{Op: types.OpTest, Path: good[0].Path},
			{Op: types.OpMove, Path: good[0].Path, From: aws.String("/description")},
			{Op: types.OpCopy, Path: good[0].Path, From: aws.String("/description")},
			{Op: types.OpAdd},
		} {
			err := send(append(good, bad)...)
			if status := conformance.Status(err); status < 400 || status >= 500 {
				t.Errorf("%s %s %s: %d, %v", op.Name, bad.Op, aws.ToString(bad.Path), status, err)
			}
			fmt.Fprintf(&got, "%s %s %s: %s\n", op.Name, bad.Op, aws.ToString(bad.Path), there.said(err))
		}
		if diff := cmp.Diff(before, b.state(t)); diff != "" {
			t.Errorf("%s was refused and changed something: %s", op.Name, diff)
		}
		if err := send(good...); err != nil || b.state(t) == before {
			t.Errorf("%s of what can be changes nothing: %v", op.Name, err)
		}
		if op.Name == "UpdateBasePathMapping" {
			there["BasePath"] = "d"
		}
	}
	golden(t, "testdata/badpatches.txt", got.String())
}
