package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"postern/emulator"
)

const (
	invokesFunctions = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}}`
	trustsGateway    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}}`
)

// callsAs makes all of an API's methods call their function with credentials.
func (s *server) callsAs(t *testing.T, api, credentials, authorization string) {
	t.Helper()
	gw := apigateway.NewFromConfig(s.aws())
	resources, err := gw.GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Items {
		for verb := range r.ResourceMethods {
			_, err := gw.UpdateIntegration(t.Context(), &apigateway.UpdateIntegrationInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: &verb,
				PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/credentials"), Value: &credentials}}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: &api, ResourceId: r.Id, HttpMethod: &verb,
				PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/authorizationType"), Value: &authorization}}})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := gw.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("test")}); err != nil {
		t.Fatal(err)
	}
}

func TestARoleOfIAMNeedsTrustAndAPolicyToCallAFunction(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createPythonFunction(t, "f", "def handle(event, context):\n    return {'statusCode': 200, 'body': 'by role'}\n")
	api := s.deployProxy(t, arn, false)
	client := iam.NewFromConfig(s.aws())
	_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("gateway"),
		AssumeRolePolicyDocument: aws.String(strings.Replace(trustsGateway, "apigateway", "lambda", 1))})
	if err != nil {
		t.Fatal(err)
	}
	s.callsAs(t, api, "arn:aws:iam::000000000000:role/gateway", "NONE")
	want := func(when string, status int) {
		t.Helper()
		if got, body := get(t, s.url("/_aws/execute-api/"+api+"/test/x")); got != status {
			t.Errorf("%s: %d %s", when, got, body)
		}
	}
	if _, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("gateway"), PolicyName: aws.String("p"), PolicyDocument: aws.String(invokesFunctions)}); err != nil {
		t.Fatal(err)
	}
	want("who trusts another service", 500)
	if _, err := client.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("gateway"), PolicyDocument: aws.String(trustsGateway)}); err != nil {
		t.Fatal(err)
	}
	want("with trust and a policy", 200)
	if _, err := client.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: aws.String("gateway"), PolicyName: aws.String("p")}); err != nil {
		t.Fatal(err)
	}
	want("without a policy", 500)
}

func TestTheCallersCredentialsArePassedOn(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	arn := s.createPythonFunction(t, "f", "def handle(event, context):\n    return {'statusCode': 200, 'body': event['requestContext']['identity']['userArn']}\n")
	api := s.deployProxy(t, arn, false)
	invokes := strings.Replace(invokeAllowed, "/s/GET/", "/*", 1)
	both := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["execute-api:Invoke","lambda:InvokeFunction"],"Resource":"*"}}`
	able, unable := createUser(t, s.aws(), "able", both), createUser(t, s.aws(), "unable", invokes)
	s.callsAs(t, api, "arn:aws:iam::*:user/*", "AWS_IAM")
	url := s.url("/_aws/execute-api/" + api + "/test/x")
	if got := signed(t, url, able, time.Now()); got != "200  arn:aws:iam::000000000000:user/able" {
		t.Error(got)
	}
	if got := signed(t, url, unable, time.Now()); !strings.HasPrefix(got, "500 ") {
		t.Error(got)
	}
}
