package apigateway

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"postern/emulator/conformance"
)

// anew are inputs of operations that make something, as far as they name nothing that is there.
var anew = map[string]string{
	"CreateApiKey":              `{"Name": "n", "Value": "a-value-of-twenty-chars"}`,
	"CreateDeployment":          `{"StageName": "t"}`,
	"CreateDomainName":          `{"DomainName": "d.example.com", "RegionalCertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/issued", "EndpointConfiguration": {"Types": ["REGIONAL"]}}`,
	"CreateStage":               `{"StageName": "u"}`,
	"CreateUsagePlan":           `{"Name": "n"}`,
	"CreateVpcLink":             `{"Name": "n", "TargetArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/a/1"]}`,
	"GenerateClientCertificate": `{}`,
	"ImportApiKeys":             `{"Body": "TmFtZSxrZXkKbixhbm90aGVyLXZhbHVlLW9mLXR3ZW50eQo=", "Format": "csv", "FailOnWarnings": true}`,
	"ImportDocumentationParts":  `{"Body": "eyJzd2FnZ2VyIjoiMi4wIiwiaW5mbyI6eyJ0aXRsZSI6Im4ifSwicGF0aHMiOnt9LCJ4LWFtYXpvbi1hcGlnYXRld2F5LWRvY3VtZW50YXRpb24iOnsidmVyc2lvbiI6IjMiLCJkb2N1bWVudGF0aW9uUGFydHMiOlt7ImxvY2F0aW9uIjp7InR5cGUiOiJNT0RFTCIsIm5hbWUiOiJtIn0sInByb3BlcnRpZXMiOnsiYSI6ImIifX1dfX0="}`,
	"ImportRestApi":             needed["PutRestApi"],
	"PutGatewayResponse":        `{"ResponseType": "WAF_FILTERED", "StatusCode": "403"}`,
	"PutIntegrationResponse":    `{"StatusCode": "201"}`,
	"PutMethod":                 `{"HttpMethod": "PUT", "AuthorizationType": "NONE", "AuthorizerId": null}`,
}

var makes = regexp.MustCompile("^(Create|Generate|Import|Put)")

// What is said of making the same a second time is in testdata/twice.txt, a line for each operation that
// makes something.
func TestMakingTheSameTwice(t *testing.T) {
	b := newBench(t)
	there := b.everything(t)
	delete(there, "CloneFrom")
	client := b.client()
	var got strings.Builder
	for _, op := range b.Wire().Operations {
		if !makes.MatchString(op.Name) {
			continue
		}
		call := func() error {
			return conformance.Call(t, client, op.Name, func(in reflect.Value) {
				there.name(in)
				more := anew[op.Name]
				if more == "" {
					more = needed[op.Name]
				}
				if err := json.Unmarshal([]byte(more), in.Addr().Interface()); err != nil {
					t.Fatalf("%s: %v", op.Name, err)
				}
			})
		}
		if err := call(); err != nil && op.Name != "CreateUsagePlanKey" { // the plan has the key
			t.Errorf("%s: %v", op.Name, err)
		}
		fmt.Fprintf(&got, "%s: %s\n", op.Name, there.said(call()))
	}
	golden(t, "testdata/twice.txt", got.String())
}

// What is said of deleting what other things stand on is in testdata/inuse.txt, a line for each operation that
// deletes.
func TestDeletingWhatIsInUse(t *testing.T) {
	var got strings.Builder
	for _, op := range newBench(t).Wire().Operations {
		if !strings.HasPrefix(op.Name, "Delete") {
			continue
		}
		b := newBench(t)
		furnish := b.everything
		if op.Name == "DeleteClientCertificate" {
			furnish = b.certified
		}
		there := furnish(t)
		err := conformance.Call(t, b.client(), op.Name, there.name)
		fmt.Fprintf(&got, "%s: %s\n", op.Name, there.said(err))
	}
	golden(t, "testdata/inuse.txt", got.String())
}
