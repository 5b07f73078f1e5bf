package apigateway

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator/store"
	"postern/emulator/wire"
)

func parallel(n int, fn func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

func as(ctx context.Context, account, region string) context.Context {
	return wire.WithCaller(ctx, wire.Caller{AccountID: account, Region: region})
}

func pinned(tag, id string) *sdk.CreateRestApiInput {
	return &sdk.CreateRestApiInput{Name: aws.String("n"), Tags: map[string]string{tag: id}}
}

func TestATagPinsTheIDOfAnAPI(t *testing.T) {
	b := newBench(t)
	for _, tag := range pinnedTags {
		id := fmt.Sprintf("my-api-%d", len(tag))
		out := must(b.CreateRestApi(b.ctx, pinned(tag, id)))(t)
		if *out.Id != id || out.Tags[tag] != id {
			t.Errorf("%s: id %s, tags %v", tag, *out.Id, out.Tags)
		}
	}
	for _, id := range []string{"", "Upper", "a_b", "a.b", "-a", "a-", "a/b"} {
		_, err := b.CreateRestApi(b.ctx, pinned("_custom_id_", id))
		wantError(t, err, "BadRequestException: Invalid value '"+id+"' of tag _custom_id_. An API identifier is up to 63 of a-z, 0-9 and inner hyphens")
	}
}

func TestAPinnedIDIsTakenInEveryAccountAndRegion(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	created := 0
	parallel(32, func(i int) {
		ctx := as(b.ctx, fmt.Sprintf("%012d", i%4), []string{"us-east-1", "eu-west-1"}[i%2])
		if _, err := b.CreateRestApi(ctx, pinned("_custom_id_", "mine")); err == nil {
			mu.Lock()
			created++
			mu.Unlock()
		}
	})
	if created != 1 {
		t.Errorf("%d APIs have the same id", created)
	}
	_, err := b.CreateRestApi(b.ctx, pinned("_custom_id_", "mine"))
	wantError(t, err, "ConflictException: API identifier mine is taken")
}

func TestAccountsAndRegionsDoNotSeeEachOther(t *testing.T) {
	b := newBench(t)
	api, _, _ := b.deployed("s")
	for _, ctx := range []context.Context{as(b.ctx, "999999999999", region), as(b.ctx, account, "us-east-1")} {
		if out := must(b.GetRestApis(ctx, &sdk.GetRestApisInput{}))(t); len(out.Items) > 0 {
			t.Errorf("sees %d APIs", len(out.Items))
		}
		_, err := b.GetStage(ctx, &sdk.GetStageInput{RestApiId: api, StageName: aws.String("s")})
		wantError(t, err, "NotFoundException: Invalid API identifier specified "+wire.CallerFrom(ctx).AccountID+":"+*api)
		_, err = b.DeleteRestApi(ctx, &sdk.DeleteRestApiInput{RestApiId: api})
		wantError(t, err, "NotFoundException: Invalid API identifier specified "+wire.CallerFrom(ctx).AccountID+":"+*api)
	}
}

func TestDeletingAnAPIDeletesAllOfIt(t *testing.T) {
	b := newBench(t)
	api, root, _ := b.deployed("s")
	child := b.resource(api, b.resource(api, root, "a"), "b")
	b.mock(api, child, "GET")
	must(b.CreateModel(b.ctx, &sdk.CreateModelInput{RestApiId: api, Name: aws.String("M"), ContentType: aws.String("a/b"), Schema: aws.String("{}")}))(t)
	must(b.CreateRequestValidator(b.ctx, &sdk.CreateRequestValidatorInput{RestApiId: api}))(t)
	must(b.PutGatewayResponse(b.ctx, &sdk.PutGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled}))(t)
	must(b.DeleteRestApi(b.ctx, &sdk.DeleteRestApiInput{RestApiId: api}))(t)
	err := b.view(b.ctx, func(tx *store.Tx) error {
		left := count(tx, restAPIs) + count(tx, resources) + count(tx, models) + count(tx, validators) +
			count(tx, gatewayResponses) + count(tx, deployments) + count(tx, definitions) + count(tx, stages)
		if left != 0 {
			t.Errorf("%d documents are left", left)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count[T any](tx *store.Tx, k store.Kind[T]) int {
	n, err := k.Count(tx, store.Query{})
	if err != nil {
		panic(err)
	}
	return n
}

func TestPagesHoldEveryAPIOnce(t *testing.T) {
	b := newBench(t)
	var want []string
	for range 57 {
		api, _ := b.api()
		want = append(want, *api)
	}
	for limit, pages := range map[*int32]int{nil: 3, aws.Int32(10): 6, aws.Int32(57): 1, aws.Int32(9000): 1} {
		var got []string
		in := &sdk.GetRestApisInput{Limit: limit}
		for n := 1; ; n++ {
			out := must(b.GetRestApis(b.ctx, in))(t)
			for _, a := range out.Items {
				got = append(got, *a.Id)
			}
			if in.Position = out.Position; in.Position == nil {
				if n != pages {
					t.Errorf("limit %d: %d pages, want %d", aws.ToInt32(limit), n, pages)
				}
				break
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d: %s", aws.ToInt32(limit), diff)
		}
	}
}

func TestACloneHasTheSameDefinitionUnderIDsOfItsOwn(t *testing.T) {
	b := newBench(t)
	api, root := b.api()
	pets := b.resource(api, root, "pets")
	validator := must(b.CreateRequestValidator(b.ctx, &sdk.CreateRequestValidatorInput{RestApiId: api, Name: aws.String("v")}))(t).Id
	must(b.PutGatewayResponse(b.ctx, &sdk.PutGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled}))(t)
	b.mock(api, pets, "GET")
	must(b.UpdateMethod(b.ctx, &sdk.UpdateMethodInput{RestApiId: api, ResourceId: pets, HttpMethod: aws.String("GET"), PatchOperations: patch("replace /requestValidatorId " + *validator)}))(t)

	twin := must(b.CreateRestApi(b.ctx, &sdk.CreateRestApiInput{Name: aws.String("twin"), CloneFrom: api}))(t)
	must(b.DeleteRestApi(b.ctx, &sdk.DeleteRestApiInput{RestApiId: api}))(t)
	all := must(b.GetResources(b.ctx, &sdk.GetResourcesInput{RestApiId: twin.Id, Embed: []string{"methods"}}))(t).Items
	if len(all) != 2 || *all[0].Id != *twin.RootResourceId || *all[1].ParentId != *twin.RootResourceId || *all[1].Id == *pets {
		t.Fatalf("resources %+v", all)
	}
	m := all[1].ResourceMethods["GET"]
	must(b.GetRequestValidator(b.ctx, &sdk.GetRequestValidatorInput{RestApiId: twin.Id, RequestValidatorId: m.RequestValidatorId}))(t)
	if *m.MethodIntegration.CacheNamespace != *all[1].Id {
		t.Errorf("cache namespace %s of resource %s", *m.MethodIntegration.CacheNamespace, *all[1].Id)
	}
	if models := must(b.GetModels(b.ctx, &sdk.GetModelsInput{RestApiId: twin.Id}))(t).Items; len(models) != 2 {
		t.Errorf("%d models", len(models))
	}
	r := must(b.GetGatewayResponse(b.ctx, &sdk.GetGatewayResponseInput{RestApiId: twin.Id, ResponseType: types.GatewayResponseTypeThrottled}))(t)
	if r.DefaultResponse {
		t.Error("the gateway response stayed behind")
	}
}

func TestManyCanChangeOneAPIAtOnce(t *testing.T) {
	b := newBench(t)
	api, root := b.api()
	b.mock(api, root, "GET")
	parallel(64, func(i int) {
		part := fmt.Sprintf("r%d", i/2) // two of each
		_, err := b.CreateResource(b.ctx, &sdk.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: &part})
		if err != nil {
			wantError(t, err, "ConflictException: Another resource with the same parent already has this name: "+part)
		}
		name := fmt.Sprintf("method.request.header.h%d", i)
		must(b.UpdateMethod(b.ctx, &sdk.UpdateMethodInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("GET"), PatchOperations: patch("add /requestParameters/" + name + " true")}))(t)
		must(b.PutMethodResponse(b.ctx, &sdk.PutMethodResponseInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("GET"), StatusCode: aws.String(fmt.Sprint(200 + i))}))(t)
		must(b.CreateDeployment(b.ctx, &sdk.CreateDeploymentInput{RestApiId: api, StageName: aws.String(fmt.Sprint("s", i%4))}))(t)
	})
	m := must(b.GetMethod(b.ctx, &sdk.GetMethodInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("GET")}))(t)
	if len(m.RequestParameters) != 64 || len(m.MethodResponses) != 64 {
		t.Errorf("%d parameters and %d responses are left", len(m.RequestParameters), len(m.MethodResponses))
	}
	if all := must(b.GetResources(b.ctx, &sdk.GetResourcesInput{RestApiId: api, Limit: aws.Int32(500)}))(t).Items; len(all) != 33 {
		t.Errorf("%d resources", len(all))
	}
	if n := len(must(b.GetDeployments(b.ctx, &sdk.GetDeploymentsInput{RestApiId: api, Limit: aws.Int32(500)}))(t).Items); n != 64 {
		t.Errorf("%d deployments", n)
	}
}

func BenchmarkCreateRestApi(b *testing.B) {
	s, err := store.Open(b.Context(), store.Options{Path: b.TempDir() + "/postern.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	service := New(Options{Store: s})
	b.SetParallelism(16)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := service.CreateRestApi(b.Context(), &sdk.CreateRestApiInput{Name: aws.String("n")}); err != nil {
				b.Error(err)
			}
		}
	})
}
