package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/conformance"
)

// nothing are well-formed names of what is not there.
var nothing = things{
	"HttpMethod": "DELETE", "StatusCode": "599", "ResponseType": "WAF_FILTERED", "DomainName": "none.example.com",
	"ResourceArn":   "arn:aws:apigateway:" + region + "::/restapis/none",
	"DomainNameArn": "arn:aws:apigateway:" + region + ":" + account + ":/domainnames/none.example.com+none",
	"DomainNameAccessAssociationArn": "arn:aws:apigateway:" + region + ":" + account +
		":/domainnameaccessassociations/domainname/none.example.com/vpcesource/vpce-1",
}

// needed are members that operations need besides those that name something.
var needed = map[string]string{
	"CreateAuthorizer":                  `{"Name": "n", "Type": "COGNITO_USER_POOLS", "IdentitySource": "method.request.header.A", "ProviderARNs": ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a"]}`,
	"CreateBasePathMapping":             `{"BasePath": "v2"}`,
	"CreateDeployment":                  `{"StageName": "t"}`,
	"CreateDocumentationPart":           `{"Location": {"Type": "MODEL", "Name": "n"}, "Properties": "{}"}`,
	"CreateDocumentationVersion":        `{"DocumentationVersion": "2"}`,
	"CreateDomainNameAccessAssociation": `{"AccessAssociationSource": "vpce-2", "AccessAssociationSourceType": "VPCE"}`,
	"CreateModel":                       `{"Name": "n", "ContentType": "application/json", "Schema": "{}"}`,
	"CreateRequestValidator":            `{"Name": "n"}`,
	"CreateResource":                    `{"PathPart": "n"}`,
	"CreateRestApi":                     `{"Name": "n"}`,
	"CreateStage":                       `{"StageName": "t"}`,
	"CreateUsagePlanKey":                `{"KeyType": "API_KEY"}`,
	"GetExport":                         `{"ExportType": "swagger"}`,
	"GetSdk":                            `{"Parameters": {}}`,
	"GetUsage":                          `{"StartDate": "2026-11-23", "EndDate": "2026-11-23"}`,
	"ImportDocumentationParts":          `{"Body": "eyJvcGVuYXBpIjoiMy4wLjEiLCJpbmZvIjp7InRpdGxlIjoibiIsInZlcnNpb24iOiIxIn0sInBhdGhzIjp7fX0="}`,
	"PutIntegration":                    `{"Type": "MOCK"}`,
	"PutMethod":                         `{"HttpMethod": "PUT", "AuthorizationType": "CUSTOM"}`,
	"PutMethodResponse":                 `{"StatusCode": "201"}`,
	"PutRestApi":                        `{"Body": "eyJvcGVuYXBpIjoiMy4wLjEiLCJpbmZvIjp7InRpdGxlIjoibiIsInZlcnNpb24iOiIxIn0sInBhdGhzIjp7fX0="}`,
	"TagResource":                       `{"Tags": {"a": "b"}}`,
	"UntagResource":                     `{"TagKeys": ["a"]}`,
}

// made are members that name what an operation makes, of which there is always one, or that choose among
// what is listed.
var made = map[string]bool{
	"CreateDeployment StageName": true, "CreateDocumentationVersion DocumentationVersion": true, "CreateDomainName DomainName": true,
	"CreateBasePathMapping BasePath": true, "CreateStage StageName": true, "PutMethod HttpMethod": true, "PutMethodResponse StatusCode": true,
	"PutIntegrationResponse StatusCode": true, "GetStages DeploymentId": true,
	"PutGatewayResponse ResponseType": true, "PutGatewayResponse StatusCode": true, "GetGatewayResponse ResponseType": true,
	"UpdateGatewayResponse ResponseType": true,
}

// Each operation is called with names of which one is of nothing: what it says then is in
// testdata/notthere.txt, a line for each operation and member.
func TestEachNameOfNothingIsRefusedWithItsText(t *testing.T) {
	b := newBench(t)
	there := b.certified(t)
	client := b.client()
	var got strings.Builder
	for _, op := range b.Wire().Operations {
		input := reflect.ValueOf(client).MethodByName(op.Name).Type().In(1).Elem()
		for _, member := range slices.Sorted(maps.Keys(there)) {
			if _, named := input.FieldByName(member); !named || made[op.Name+" "+member] {
				continue
			}
			err := conformance.Call(t, client, op.Name, func(in reflect.Value) {
				there.name(in)
				if more, ok := needed[op.Name]; ok {
					if err := json.Unmarshal([]byte(more), in.Addr().Interface()); err != nil {
						t.Fatal(err)
					}
				}
				put(in.FieldByName(member), nothing.orNone(member))
			})
			if status := conformance.Status(err); status < 400 || status >= 500 {
				t.Errorf("%s of no %s is not refused: %v", op.Name, member, err)
			}
			fmt.Fprintf(&got, "%s %s: %s\n", op.Name, member, there.said(err))
		}
	}
	golden(t, "testdata/notthere.txt", got.String())
}

func (th things) orNone(member string) string {
	if value, ok := th[member]; ok {
		return value
	}
	return "none"
}

// said is an error as a line, with the names of members for ids.
func (th things) said(err error) string {
	if err == nil {
		return "is done"
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err.Error()
	}
	text := api.ErrorCode() + ": " + api.ErrorMessage()
	for member, id := range th {
		if strings.HasSuffix(member, "Id") && len(id) >= 6 {
			text = strings.ReplaceAll(text, id, "${"+member+"}")
		}
	}
	return text
}

// golden compares what was said with a file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
