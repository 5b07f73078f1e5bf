package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator"
)

const onlyThroughOne = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
  {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
   "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0123"}}}]}`

const onlyFromItsVPC = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
   "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0456"}}}]}`

// makePrivate turns a mock into a private API with a policy, if there is one.
func (m *mockAPI) makePrivate(t *testing.T, policy string) {
	t.Helper()
	in := &apigateway.UpdateRestApiInput{RestApiId: m.id, PatchOperations: []types.PatchOperation{
		{Op: types.OpReplace, Path: aws.String("/endpointConfiguration/ipAddressType"), Value: aws.String("dualstack")},
		{Op: types.OpReplace, Path: aws.String("/endpointConfiguration/types/EDGE"), Value: aws.String("PRIVATE")},
		{Op: types.OpAdd, Path: aws.String("/endpointConfiguration/vpcEndpointIds"), Value: aws.String("vpce-0123")},
	}}
	if policy != "" {
		in.PatchOperations = append(in.PatchOperations, types.PatchOperation{Op: types.OpReplace, Path: aws.String("/policy"), Value: &policy})
	}
	if _, err := m.gw.UpdateRestApi(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func TestPrivateAPIsAreGuardedByVPCEndpointAndPolicy(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), VPCEndpoints: map[string]string{"vpce-0123": "vpc-0456"}})
	one, two := s.createMock(t, "$context.identity.vpceId $context.identity.vpcId"), s.createMock(t, "two")
	one.makePrivate(t, "")
	_, err := one.gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: one.id, StageName: aws.String("s")})
	if err == nil || !strings.Contains(err.Error(), "Private REST API doesn't have a resource policy attached to it") {
		t.Errorf("without a policy: %v", err)
	}
	one.makePrivate(t, onlyThroughOne)
	two.makePrivate(t, onlyFromItsVPC)
	one.deploy(t, &apigateway.CreateDeploymentInput{})
	two.deploy(t, &apigateway.CreateDeploymentInput{})
	at := func(host string, headers ...string) string {
		return answered(t, http.DefaultClient, s.url("/s/"), append(headers, "Host: "+host)...)
	}
	const byHeader = "vpce-0999-abcdefgh.execute-api.us-east-1.vpce.amazonaws.com"
	for name, got := range map[string][2]string{
		"from nowhere":                    {at(*one.id + ".execute-api.localhost"), forbiddenAnswer},
		"through its endpoint":            {at(*one.id + "-vpce-0123.execute-api.localhost"), "200 vpce-0123 vpc-0456"},
		"from its VPC":                    {at(*two.id + "-vpce-0123.execute-api.localhost"), "200 two"},
		"through one that is not its own": {at(*one.id + "-vpce-0999.execute-api.localhost"), forbiddenAnswer},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", name, got[0], got[1])
		}
	}
	if got := at(byHeader, "x-apigw-api-id: "+*one.id); !strings.HasPrefix(got, `403 {"Message":"User: anonymous is not authorized to perform: execute-api:Invoke`) {
		t.Errorf("through one that the policy denies: %s", got)
	}
	if got := at(byHeader, "x-apigw-api-id: "+*two.id); !strings.HasPrefix(got, `403 {"Message":"User: anonymous is not authorized`) {
		t.Errorf("from a VPC that nobody knows: %s", got)
	}
}

func TestPrivateDomainsNeedAnAssociationAndAPolicy(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t), VPCEndpoints: map[string]string{"vpce-0123": "vpc-0456"}, ClientVPCEndpoint: "vpce-0123"})
	m := s.createMock(t, "$context.path $context.identity.vpceId")
	m.makePrivate(t, onlyThroughOne)
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	arn := s.request(t, "api.internal.example.com")
	d := m.createDomain(t, &apigateway.CreateDomainNameInput{DomainName: aws.String("api.internal.example.com"), CertificateArn: arn,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}}})
	_, err := m.gw.CreateBasePathMapping(t.Context(), &apigateway.CreateBasePathMappingInput{
		DomainName: d.DomainName, DomainNameId: d.DomainNameId, RestApiId: m.id, Stage: aws.String("s"), BasePath: aws.String("v1")})
	if err != nil {
		t.Fatal(err)
	}
	c := s.caller(t, nil)
	want := func(when, answer string) {
		t.Helper()
		if got := answered(t, c, "https://api.internal.example.com/v1"); got != answer {
			t.Errorf("%s: %s, want %s", when, got, answer)
		}
	}
	want("without an association", forbiddenAnswer)
	_, err = m.gw.CreateDomainNameAccessAssociation(t.Context(), &apigateway.CreateDomainNameAccessAssociationInput{
		DomainNameArn: d.DomainNameArn, AccessAssociationSource: aws.String("vpce-0123"), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce})
	if err != nil {
		t.Fatal(err)
	}
	want("without a policy", forbiddenAnswer)
	policy := func(text string) {
		t.Helper()
		_, err := m.gw.UpdateDomainName(t.Context(), &apigateway.UpdateDomainNameInput{DomainName: d.DomainName, DomainNameId: d.DomainNameId,
			PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/policy"), Value: &text}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	policy(onlyFromItsVPC)
	want("from its VPC", "200 /v1 vpce-0123")
	policy(strings.ReplaceAll(onlyFromItsVPC, "vpc-0456", "vpc-0999"))
	want("from another VPC", forbiddenAnswer)
}
