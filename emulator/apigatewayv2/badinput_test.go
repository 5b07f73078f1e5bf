package apigatewayv2

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator/conformance"
	"postern/emulator/quota"
)

// listing are operations that name nothing that could be missing.
var listing = map[string]bool{
	"CreateApi": true, "GetApis": true, "CreateDomainName": true, "GetDomainNames": true, "CreateVpcLink": true, "GetVpcLinks": true,
	"CreatePortal": true, "ListPortals": true, "CreatePortalProduct": true, "ListPortalProducts": true,
}

// What names things that are not there is refused as the client's mistake. (What a missing member and a wrong
// enum are told is checked for all operations in emulator/wire.)
func TestEveryOperationRefusesWhatIsNotThere(t *testing.T) {
	b := newBench(t)
	var names []string
	for _, op := range slices.Concat(b.apiOperations(), b.domainOperations(), b.portalOperations()) {
		if !listing[op.Name] {
			names = append(names, op.Name)
		}
	}
	conformance.RefuseWhatIsNotThere(t, b.client(), names)
}

// Nor is there anything of another name in an API that is there, HTTP or WebSocket.
func TestEveryOperationRefusesWhatAnAPIDoesNotHave(t *testing.T) {
	for _, protocol := range []types.ProtocolType{types.ProtocolTypeHttp, types.ProtocolTypeWebsocket} {
		b := newBench(t)
		api := must(b.CreateApi(b.ctx, &sdk.CreateApiInput{
			Name: aws.String("n"), ProtocolType: protocol, RouteSelectionExpression: selectionOf(protocol),
		}))(t).ApiId
		for _, op := range b.apiOperations() {
			if listing[op.Name] || strings.HasPrefix(op.Name, "Create") {
				continue
			}
			t.Run(op.Name+" "+string(protocol), func(t *testing.T) {
				named := 0
				err := conformance.Call(t, b.client(), op.Name, func(in reflect.Value) {
					named = name(in, api)
				})
				if status := conformance.Status(err); named > 1 && status != 404 {
					t.Errorf("%d %v", status, err)
				}
			})
		}
	}
}

func selectionOf(protocol types.ProtocolType) *string {
	if protocol == types.ProtocolTypeWebsocket {
		return aws.String("$request.body.action")
	}
	return nil
}

// name gives an input the id of an API, and names of nothing where it wants others. It returns how many.
func name(in reflect.Value, api *string) (named int) {
	for i := range in.NumField() {
		switch field := in.Type().Field(i).Name; {
		case field == "ApiId":
			in.Field(i).Set(reflect.ValueOf(api))
			named++
		case field == "StageName", field != "AuthorizerId" && strings.HasSuffix(field, "Id") && in.Type().Field(i).Type == reflect.TypeFor[*string](),
			field == "AuthorizerId" && !strings.HasPrefix(in.Type().Name(), "UpdateRoute"), field == "RouteKey", field == "RequestParameterKey":
			in.Field(i).Set(reflect.ValueOf(aws.String("none")))
			named++
		}
	}
	return named
}

func TestQuotas(t *testing.T) {
	quotas, err := quota.New(map[string]int{quota.Routes: 1, quota.Integrations: 1, quota.Stages: 1, quota.Authorizers: 1, quota.VPCLinksV2: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.quotas = quotas
	api := b.api()
	for name, add := range map[string]func(i int) error{
		"Routes": func(i int) error {
			_, err := b.CreateRoute(b.ctx, &sdk.CreateRouteInput{ApiId: api, RouteKey: aws.String(fmt.Sprint("GET /", i))})
			return err
		},
		"Integrations": func(int) error {
			_, err := b.CreateIntegration(b.ctx, &sdk.CreateIntegrationInput{
				ApiId: api, IntegrationType: types.IntegrationTypeHttpProxy, IntegrationMethod: aws.String("GET"), IntegrationUri: aws.String("http://x"),
			})
			return err
		},
		"Stages": func(i int) error {
			_, err := b.CreateStage(b.ctx, &sdk.CreateStageInput{ApiId: api, StageName: aws.String(fmt.Sprint("s", i))})
			return err
		},
		"VPC Links": func(i int) error {
			_, err := b.CreateVpcLink(b.ctx, &sdk.CreateVpcLinkInput{Name: aws.String(fmt.Sprint("l", i)), SubnetIds: []string{"subnet-1"}})
			return err
		},
		"Authorizers": func(i int) error {
			_, err := b.CreateAuthorizer(b.ctx, &sdk.CreateAuthorizerInput{
				ApiId: api, Name: aws.String(fmt.Sprint("a", i)), AuthorizerType: types.AuthorizerTypeJwt, IdentitySource: []string{"$request.header.a"},
				JwtConfiguration: &types.JWTConfiguration{Issuer: aws.String("https://x"), Audience: []string{"a"}},
			})
			return err
		},
	} {
		if err := add(0); err != nil {
			t.Errorf("the first of %s: %v", name, err)
		}
		whose := "API"
		if name == "VPC Links" {
			whose = "account"
		}
		want := "TooManyRequestsException: Maximum number of " + name + " for this " + whose + " has been reached.  Please contact AWS if you need additional " + name + "."
		if err := add(1); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
