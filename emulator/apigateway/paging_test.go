package apigateway

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// lists are the operations that list by page: in is what they need besides a limit and a position, add adds
// one to the list, nil where there are as many as there are. Items have the names that name reads of them.
type lists map[string]struct {
	in   any
	add  func(i int) error
	name string
}

func (b *bench) lists() lists {
	api, root, _ := b.deployed("s")
	issued := aws.String("arn:aws:acm:" + region + ":" + account + ":certificate/issued")
	plan := must(b.CreateUsagePlan(b.ctx, &sdk.CreateUsagePlanInput{Name: aws.String("p")}))(b.t)
	domain := func(name string, kind types.EndpointType) (*sdk.CreateDomainNameOutput, error) {
		in := &sdk.CreateDomainNameInput{DomainName: &name, EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{kind}}}
		if in.RegionalCertificateArn = issued; kind == types.EndpointTypePrivate {
			in.RegionalCertificateArn, in.CertificateArn = nil, issued
		}
		return b.CreateDomainName(b.ctx, in)
	}
	public := must(domain("mapped.example.com", types.EndpointTypeRegional))(b.t).DomainName
	private := must(domain("private.example.com", types.EndpointTypePrivate))(b.t).DomainNameArn
	named := func(format string, i int) *string { return aws.String(fmt.Sprintf(format, i)) }
	key := func(i int) (*string, error) {
		k, err := b.CreateApiKey(b.ctx, &sdk.CreateApiKeyInput{Name: named("k%d", i), Enabled: true})
		if err != nil {
			return nil, err
		}
		_, err = b.CreateUsagePlanKey(b.ctx, &sdk.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: k.Id, KeyType: aws.String("API_KEY")})
		return k.Id, err
	}
	addKey := func(i int) error { return second(key(i)) }
	return lists{
		"GetApiKeys": {sdk.GetApiKeysInput{}, addKey, "Id"},
		"GetAuthorizers": {sdk.GetAuthorizersInput{RestApiId: api}, func(i int) error {
			return second(b.CreateAuthorizer(b.ctx, &sdk.CreateAuthorizerInput{RestApiId: api, Name: named("a%d", i), Type: types.AuthorizerTypeCognitoUserPools,
				ProviderARNs: []string{"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a"}, IdentitySource: aws.String("method.request.header.A")}))
		}, "Id"},
		"GetBasePathMappings": {sdk.GetBasePathMappingsInput{DomainName: public}, func(i int) error {
			return second(b.CreateBasePathMapping(b.ctx, &sdk.CreateBasePathMappingInput{DomainName: public, RestApiId: api, BasePath: named("m%d", i)}))
		}, "BasePath"},
		"GetClientCertificates": {sdk.GetClientCertificatesInput{}, func(int) error {
			return second(b.GenerateClientCertificate(b.ctx, &sdk.GenerateClientCertificateInput{}))
		}, "ClientCertificateId"},
		"GetDeployments": {sdk.GetDeploymentsInput{RestApiId: api}, func(int) error {
			return second(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api}))
		}, "Id"},
		"GetDocumentationParts": {sdk.GetDocumentationPartsInput{RestApiId: api}, func(i int) error {
			return second(b.CreateDocumentationPart(b.ctx, &sdk.CreateDocumentationPartInput{RestApiId: api, Properties: aws.String("{}"),
				Location: &types.DocumentationPartLocation{Type: types.DocumentationPartTypeModel, Name: named("m%d", i)}}))
		}, "Id"},
		"GetDocumentationVersions": {sdk.GetDocumentationVersionsInput{RestApiId: api}, func(i int) error {
			return second(b.CreateDocumentationVersion(b.ctx, &sdk.CreateDocumentationVersionInput{RestApiId: api, DocumentationVersion: named("v%d", i)}))
		}, "Version"},
		"GetDomainNameAccessAssociations": {sdk.GetDomainNameAccessAssociationsInput{}, func(i int) error {
			return second(b.CreateDomainNameAccessAssociation(b.ctx, &sdk.CreateDomainNameAccessAssociationInput{
				DomainNameArn: private, AccessAssociationSource: named("vpce-%d", i), AccessAssociationSourceType: types.AccessAssociationSourceTypeVpce}))
		}, "DomainNameAccessAssociationArn"},
		"GetDomainNames": {sdk.GetDomainNamesInput{}, func(i int) error {
			return second(domain(fmt.Sprintf("d%d.example.com", i), types.EndpointTypeRegional))
		}, "DomainName"},
		"GetGatewayResponses": {sdk.GetGatewayResponsesInput{RestApiId: api}, nil, "ResponseType"},
		"GetModels": {sdk.GetModelsInput{RestApiId: api}, func(i int) error {
			return second(b.CreateModel(b.ctx, &sdk.CreateModelInput{RestApiId: api, Name: named("m%d", i), ContentType: aws.String("a/b"), Schema: aws.String("{}")}))
		}, "Name"},
		"GetRequestValidators": {sdk.GetRequestValidatorsInput{RestApiId: api}, func(i int) error {
			return second(b.CreateRequestValidator(b.ctx, &sdk.CreateRequestValidatorInput{RestApiId: api, Name: named("v%d", i)}))
		}, "Id"},
		"GetResources": {sdk.GetResourcesInput{RestApiId: api}, func(i int) error {
			return second(b.CreateResource(b.ctx, &sdk.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: named("r%d", i)}))
		}, "Id"},
		"GetRestApis": {sdk.GetRestApisInput{}, func(i int) error {
			return second(b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: named("n%d", i)}))
		}, "Id"},
		"GetUsage":         {sdk.GetUsageInput{UsagePlanId: plan.Id, StartDate: aws.String("2026-11-23"), EndDate: aws.String("2026-11-23")}, addKey, ""},
		"GetUsagePlanKeys": {sdk.GetUsagePlanKeysInput{UsagePlanId: plan.Id}, addKey, "Id"},
		"GetUsagePlans": {sdk.GetUsagePlansInput{}, func(i int) error {
			return second(b.CreateUsagePlan(b.ctx, &sdk.CreateUsagePlanInput{Name: named("p%d", i)}))
		}, "Id"},
		"GetVpcLinks": {sdk.GetVpcLinksInput{}, func(i int) error {
			return second(b.CreateVpcLink(b.ctx, &sdk.CreateVpcLinkInput{Name: named("l%d", i), TargetArns: []string{"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/a/1"}}))
		}, "Id"},
	}
}

func second[T any](_ T, err error) error { return err }

// page reads one page: the names of what is there, and where the next begins.
func (b *bench) page(t *testing.T, operation string, in any, limit int32, position *string, name string) (items []string, next *string) {
	t.Helper()
	request := reflect.New(reflect.TypeOf(in))
	request.Elem().Set(reflect.ValueOf(in))
	request.Elem().FieldByName("Limit").Set(reflect.ValueOf(&limit))
	request.Elem().FieldByName("Position").Set(reflect.ValueOf(position))
	answer := reflect.ValueOf(b.Service).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(b.ctx), request})
	if err, _ := answer[1].Interface().(error); err != nil {
		t.Fatal(err)
	}
	out := answer[0].Elem()
	next = out.FieldByName("Position").Interface().(*string)
	listed := out.FieldByName("Items")
	if listed.Kind() == reflect.Map { // of GetUsage
		for _, k := range listed.MapKeys() {
			items = append(items, k.String())
		}
		return items, next
	}
	for i := range listed.Len() {
		items = append(items, reflect.Indirect(listed.Index(i).FieldByName(name)).String())
	}
	return items, next
}

// What was there when the first page was read is on one page, once, whatever is added before the next.
func TestPagesStayWhileThingsAreAdded(t *testing.T) {
	b := newBench(t)
	all := b.lists()
	for _, operation := range slices.Sorted(maps.Keys(all)) {
		t.Run(operation, func(t *testing.T) {
			l := all[operation]
			added := 0
			add := func(n int) {
				for range n {
					if added++; l.add == nil {
						return
					}
					if err := l.add(1000*len(operation) + added); err != nil {
						t.Fatal(err)
					}
				}
			}
			add(5)
			there, next := b.page(t, operation, l.in, 500, nil, l.name)
			if next != nil || len(there) < 5 {
				t.Fatalf("%d at once, next %v", len(there), next)
			}
			seen := map[string]int{}
			var position *string
			for pages := 0; ; pages++ {
				if pages > 2*len(there) {
					t.Fatal("the pages do not end")
				}
				items, next := b.page(t, operation, l.in, 2, position, l.name)
				if len(items) > 2 || next != nil && len(items) == 0 {
					t.Errorf("%d on a page of 2, next %v", len(items), next)
				}
				for _, name := range items {
					seen[name]++
				}
				if position = next; position == nil {
					break
				}
				if pages < 3 {
					add(1)
				}
			}
			for _, name := range there {
				if seen[name] != 1 {
					t.Errorf("%s was there from the start and is listed %d times", name, seen[name])
				}
			}
			for name, times := range seen {
				if times > 1 {
					t.Errorf("%s is listed %d times", name, times)
				}
			}
		})
	}
}

// Every operation of the SDK's client that answers with a position has its pages tested. (UpdateUsage answers
// with one that is never set; those of GetSdkTypes and GetTags come with no position.)
func TestEveryListIsTestedForItsPages(t *testing.T) {
	b := newBench(t)
	all := b.lists()
	for _, op := range b.Wire().Operations {
		method, ok := reflect.TypeFor[*sdk.Client]().MethodByName(op.Name)
		if !ok {
			t.Errorf("the client has no %s", op.Name)
			continue
		}
		_, paged := method.Type.Out(0).Elem().FieldByName("Position")
		if _, tested := all[op.Name]; paged != tested && op.Name != "UpdateUsage" {
			t.Errorf("%s has pages: %v, and they are tested: %v", op.Name, paged, tested)
		}
	}
}
