package apigateway

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/emulator/domainname"
	"postern/emulator/store"
)

// things are what the members of inputs can name, by the name of the member.
type things map[string]string

// everything makes one thing of each kind but client certificates; the API is that of testdata/openapi, for all to call.
func (b *bench) everything(t *testing.T) things {
	t.Helper()
	body, err := os.ReadFile("testdata/openapi/everything.json")
	if err != nil {
		t.Fatal(err)
	}
	api := must(b.ImportRestApi(b.ctx, &sdk.ImportRestApiInput{Body: body}))(t).Id
	must(b.UpdateRestApi(b.ctx, &sdk.UpdateRestApiInput{RestApiId: api, PatchOperations: patch("remove /endpointConfiguration/vpcEndpointIds vpce-1", "replace /endpointConfiguration/types/PRIVATE REGIONAL")}))(t)
	def := b.definitionOf(t, *api)
	stage := aws.String("s")
	deployment := must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api, StageName: stage}))(t)
	must(b.CreateDocumentationVersion(b.ctx, &sdk.CreateDocumentationVersionInput{RestApiId: api, DocumentationVersion: aws.String("1")}))(t)
	part := must(b.GetDocumentationParts(b.ctx, &sdk.GetDocumentationPartsInput{RestApiId: api}))(t).Items[0]

	key := must(b.CreateApiKey(b.ctx, &sdk.CreateApiKeyInput{Name: aws.String("k"), Enabled: true}))(t).Id
	plan := must(b.CreateUsagePlan(b.ctx, &sdk.CreateUsagePlanInput{Name: aws.String("p"),
		Quota: &types.QuotaSettings{Limit: 5, Period: types.QuotaPeriodTypeDay}}))(t).Id
	must(b.CreateUsagePlanKey(b.ctx, &sdk.CreateUsagePlanKeyInput{UsagePlanId: plan, KeyId: key, KeyType: aws.String("API_KEY")}))(t)

	certificate := aws.String("arn:aws:acm:" + region + ":" + account + ":certificate/issued")
	name := aws.String("api.example.com")
	must(b.CreateDomainName(b.ctx, &sdk.CreateDomainNameInput{DomainName: name, RegionalCertificateArn: certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}}}))(t)
	must(b.CreateBasePathMapping(b.ctx, &sdk.CreateBasePathMappingInput{DomainName: name, RestApiId: api, BasePath: aws.String("v1"), Stage: stage}))(t)
	private := must(b.CreateDomainName(b.ctx, &sdk.CreateDomainNameInput{DomainName: aws.String("private.example.com"), CertificateArn: certificate,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}}}))(t).DomainNameArn
	association := must(b.CreateDomainNameAccessAssociation(b.ctx, &sdk.CreateDomainNameAccessAssociationInput{DomainNameArn: private,
		AccessAssociationSource: aws.String("vpce-1"), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce}))(t)

	there := things{
		"RestApiId": *api, "CloneFrom": *api, "ResourceArn": "arn:aws:apigateway:" + region + "::/restapis/" + *api,
		"HttpMethod": "GET", "StatusCode": "200", "ModelName": "Item", "ResponseType": string(types.GatewayResponseTypeThrottled),
		"RequestValidatorId": *def.RequestValidators[0].Id, "AuthorizerId": *def.Authorizers[0].Id,
		"StageName": *stage, "Stage": *stage, "DeploymentId": *deployment.Id, "DocumentationVersion": "1", "DocumentationPartId": *part.Id,
		"ApiKey": *key, "KeyId": *key, "UsagePlanId": *plan,
		"DomainName": *name, "BasePath": "v1", "DomainNameArn": *private, "DomainNameAccessAssociationArn": *association.DomainNameAccessAssociationArn,
		"VpcLinkId": *must(b.CreateVpcLink(b.ctx, &sdk.CreateVpcLinkInput{Name: aws.String("l"),
			TargetArns: []string{"arn:aws:elasticloadbalancing:" + region + ":" + account + ":loadbalancer/net/a/1"}}))(t).Id,
		"Id": "javascript", "SdkType": "javascript",
	}
	for _, r := range def.Resources {
		if *r.Path == "/items" {
			there["ResourceId"], there["ParentId"] = *r.Id, *r.Id
		}
	}
	return there
}

// certified is everything with a client certificate, which takes a while.
func (b *bench) certified(t *testing.T) things {
	t.Helper()
	there := b.everything(t)
	there["ClientCertificateId"] = *must(b.GenerateClientCertificate(b.ctx, &sdk.GenerateClientCertificateInput{}))(t).ClientCertificateId
	return there
}

// name puts the names of things into an input.
func (th things) name(in reflect.Value) {
	for member, value := range th {
		if f := in.FieldByName(member); f.IsValid() {
			put(f, value)
		}
	}
}

// put sets a text, be it a pointer or a type of its own.
func put(f reflect.Value, value string) {
	if f.Kind() == reflect.Pointer {
		f.Set(reflect.ValueOf(&value))
	} else {
		f.SetString(value)
	}
}

// state is all that the updates change, as JSON.
func (b *bench) state(t *testing.T) string {
	t.Helper()
	var all []any
	err := b.view(b.ctx, func(tx *store.Tx) error {
		apis, err := restAPIs.List(tx, store.Query{})
		if err != nil {
			return err
		}
		for _, d := range apis.Documents {
			def, err := read(tx, d)
			if err != nil {
				return err
			}
			all = append(all, def)
		}
		for _, list := range []func() (any, error){
			func() (any, error) { return stages.List(tx, store.Query{}) },
			func() (any, error) { return deployments.List(tx, store.Query{}) },
			func() (any, error) { return documentationParts.List(tx, store.Query{}) },
			func() (any, error) { return documentationVersions.List(tx, store.Query{}) },
			func() (any, error) { return apiKeys.List(tx, store.Query{}) },
			func() (any, error) { return usagePlans.List(tx, store.Query{}) },
			func() (any, error) { return vpcLinks.List(tx, store.Query{}) },
			func() (any, error) { return clientCertificates.List(tx, store.Query{}) },
			func() (any, error) { return domainname.Domains.List(tx, store.Query{}) },
			func() (any, error) { return domainname.Mappings.List(tx, store.Query{}) },
			func() (any, error) { return accounts.List(tx, store.Query{}) },
		} {
			page, err := list()
			if err != nil {
				return err
			}
			all = append(all, page)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	day := aws.String("2026-11-23")
	for _, p := range must(b.GetUsagePlans(b.ctx, &sdk.GetUsagePlansInput{}))(t).Items {
		all = append(all, must(b.GetUsage(b.ctx, &sdk.GetUsageInput{UsagePlanId: p.Id, StartDate: day, EndDate: day}))(t).Items)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
