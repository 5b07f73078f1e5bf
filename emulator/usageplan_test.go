package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"postern/emulator"
)

// A planAPI is a deployed mock whose GET / requires an API key, with a plan and a key in it.
type planAPI struct {
	*mockAPI
	plan, key, value string
}

const keyValue = "a-key-value-of-28-characters"

func (s *server) createPlan(t *testing.T, in *apigateway.CreateUsagePlanInput) *planAPI {
	t.Helper()
	m := s.createMock(t, `$context.identity.apiKey $context.identity.apiKeyId`)
	_, err := m.gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"),
		PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/apiKeyRequired"), Value: aws.String("true")}}})
	if err != nil {
		t.Fatal(err)
	}
	m.deploy(t, &apigateway.CreateDeploymentInput{})
	p := &planAPI{mockAPI: m, value: keyValue}
	in.Name = aws.String(t.Name())
	in.ApiStages = []types.ApiStage{{ApiId: m.id, Stage: aws.String("s")}}
	plan, err := m.gw.CreateUsagePlan(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	p.plan = *plan.Id
	p.key = p.createKey(t, p.value)
	return p
}

// createKey makes an enabled key in the plan.
func (p *planAPI) createKey(t *testing.T, value string) (id string) {
	t.Helper()
	key, err := p.gw.CreateApiKey(t.Context(), &apigateway.CreateApiKeyInput{Name: aws.String("k"), Value: &value, Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.gw.CreateUsagePlanKey(t.Context(), &apigateway.CreateUsagePlanKeyInput{UsagePlanId: &p.plan, KeyId: key.Id, KeyType: aws.String("API_KEY")})
	if err != nil {
		t.Fatal(err)
	}
	return *key.Id
}

// call calls with a key and says what came: "200 body", "403 ForbiddenException body".
func (p *planAPI) call(t *testing.T, key string) string {
	t.Helper()
	res, body := fetch(t, p.invokeURL("/"), "X-API-Key", key)
	return strings.Join(strings.Fields(fmt.Sprint(res.StatusCode, " ", res.Header.Get("x-amzn-ErrorType"), " ", body)), " ")
}

// calls counts what n calls are answered with.
func (p *planAPI) calls(t *testing.T, n int) map[string]int {
	t.Helper()
	got := map[string]int{}
	for range n {
		status, _, _ := strings.Cut(p.call(t, p.value), p.value)
		got[strings.TrimSpace(status)]++
	}
	return got
}

func (p *planAPI) want(t *testing.T, why string, n int, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, p.calls(t, n)); diff != "" {
		t.Errorf("%s: %s", why, diff)
	}
}

// change changes the plan: op, path, value, and so on.
func (p *planAPI) change(t *testing.T, operations ...string) {
	t.Helper()
	in := &apigateway.UpdateUsagePlanInput{UsagePlanId: &p.plan}
	for i := 0; i < len(operations); i += 3 {
		in.PatchOperations = append(in.PatchOperations, types.PatchOperation{Op: types.Op(operations[i]), Path: &operations[i+1], Value: &operations[i+2]})
	}
	if _, err := p.gw.UpdateUsagePlan(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// usage is what the key used and had left from a day to another.
func (p *planAPI) usage(t *testing.T, from, until time.Time) [][]int64 {
	t.Helper()
	out, err := p.gw.GetUsage(t.Context(), &apigateway.GetUsageInput{UsagePlanId: &p.plan,
		StartDate: aws.String(from.Format(time.DateOnly)), EndDate: aws.String(until.Format(time.DateOnly))})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items[p.key]
}

const (
	forbidden     = `403 ForbiddenException {"message":"Forbidden"}`
	tooMany       = `429 TooManyRequestsException {"message":"Too Many Requests"}`
	limitExceeded = `429 LimitExceededException {"message":"Limit Exceeded"}`
)

func TestAPIKeysAndPlansTakeEffectWithoutADeployment(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{})
	want := func(why, key, want string) {
		t.Helper()
		if got := p.call(t, key); got != want {
			t.Errorf("%s: %s, want %s", why, got, want)
		}
	}
	pass := "200 " + p.value + " " + p.key
	want("no key", "", forbidden)
	want("an unknown key", "unknown", forbidden)
	want("a key in the plan", p.value, pass)
	enable := func(value string) {
		_, err := p.gw.UpdateApiKey(t.Context(), &apigateway.UpdateApiKeyInput{ApiKey: &p.key,
			PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/enabled"), Value: &value}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	enable("false")
	want("a disabled key", p.value, forbidden)
	enable("true")
	want("an enabled key", p.value, pass)
	stage := *p.id + ":s"
	p.change(t, "remove", "/apiStages", stage)
	want("a stage in no plan", p.value, forbidden)
	p.change(t, "add", "/apiStages", stage)
	want("a stage that is back", p.value, pass)

	imported, err := p.gw.ImportApiKeys(t.Context(), &apigateway.ImportApiKeysInput{Format: "csv", FailOnWarnings: true,
		Body: fmt.Appendf(nil, "name,key,usageplanIds\nnew,an-imported-key-of-some-length,%s\nold,%s,%[1]s\n", p.plan, p.value)})
	if err != nil || len(imported.Ids) != 2 || imported.Ids[1] != p.key {
		t.Fatal(imported, err)
	}
	want("an imported key", "an-imported-key-of-some-length", "200 an-imported-key-of-some-length "+imported.Ids[0])

	if _, err := p.gw.DeleteUsagePlanKey(t.Context(), &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: &p.plan, KeyId: &p.key}); err != nil {
		t.Fatal(err)
	}
	want("a key that has left the plan", p.value, forbidden)
	if _, err := p.gw.DeleteApiKey(t.Context(), &apigateway.DeleteApiKeyInput{ApiKey: &imported.Ids[0]}); err != nil {
		t.Fatal(err)
	}
	want("a deleted key", "an-imported-key-of-some-length", forbidden)
}

func TestThrottlesAreExact(t *testing.T) {
	c := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{Throttle: &types.ThrottleSettings{RateLimit: 2, BurstLimit: 5}})
	p.want(t, "the plan's burst", 8, map[string]int{"200": 5, tooMany: 3})
	c.move(time.Second)
	p.want(t, "the plan's rate", 8, map[string]int{"200": 2, tooMany: 6})
	p.patch(t, "replace", "/description", "republished")
	p.want(t, "after a republish", 1, map[string]int{tooMany: 1})
	p.change(t, "replace", "/throttle/burstLimit", "6", "add", "/apiStages/"+*p.id+":s/throttle/~1/GET/burstLimit", "4", "add", "/apiStages/"+*p.id+":s/throttle/~1/GET/rateLimit", "1")
	p.want(t, "the plan's limit for the method", 8, map[string]int{"200": 4, tooMany: 4})
	p.change(t, "remove", "/throttle", "", "remove", "/apiStages/"+*p.id+":s/throttle", "")
	p.want(t, "a plan without limits", 8, map[string]int{"200": 8})

	p.patch(t, "replace", "/*/*/throttling/burstLimit", "3", "replace", "/*/*/throttling/rateLimit", "1")
	p.want(t, "the stage's limit", 8, map[string]int{"200": 3, tooMany: 5})
	p.patch(t, "replace", "/~1/GET/throttling/burstLimit", "6", "replace", "/~1/GET/throttling/rateLimit", "1")
	p.want(t, "the method's limit", 8, map[string]int{"200": 6, tooMany: 2})
	p.patch(t, "replace", "/~1/GET/throttling/burstLimit", "-1", "replace", "/~1/GET/throttling/rateLimit", "-1")
	p.want(t, "no limit", 8, map[string]int{"200": 8})
}

func TestTheAccountsLimitIsForAllAPIs(t *testing.T) {
	c := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now, AccountRate: 1, AccountBurst: 5})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{})
	open := s.createMock(t, `open`)
	open.deploy(t, &apigateway.CreateDeploymentInput{})
	p.want(t, "one API", 3, map[string]int{"200": 3})
	got := ""
	for range 3 {
		status, _ := get(t, open.invokeURL("/"))
		got += fmt.Sprint(status, " ")
	}
	if got != "200 200 429 " {
		t.Errorf("another API: %s", got)
	}
	account, err := p.gw.GetAccount(t.Context(), &apigateway.GetAccountInput{})
	if err != nil || account.ThrottleSettings.BurstLimit != 5 || account.ThrottleSettings.RateLimit != 1 {
		t.Errorf("%+v %v", account.ThrottleSettings, err)
	}
}

// An SDK in Go does not send a 0; others do.
func TestALimitOf0IsNotAMissingOne(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{})
	p.change(t, "remove", "/apiStages", *p.id+":s")
	for body, want := range map[string]string{
		`{"rateLimit": 0, "burstLimit": 0}`: tooMany,
		`{"rateLimit": 5, "burstLimit": 0}`: tooMany,
		`{"rateLimit": 5}`:                  "200",
		`{"burstLimit": 5}`:                 "200",
		`{}`:                                "200",
	} {
		res, err := http.Post(s.url("/usageplans"), "application/json", strings.NewReader(fmt.Sprintf(
			`{"name": "n", "throttle": %s, "apiStages": [{"apiId": %q, "stage": "s"}]}`, body, *p.id)))
		if err != nil {
			t.Fatal(err)
		}
		var plan struct{ ID string }
		if err := json.NewDecoder(res.Body).Decode(&plan); err != nil || res.StatusCode != 201 {
			t.Fatal(res.Status, err)
		}
		res.Body.Close()
		q := &planAPI{mockAPI: p.mockAPI, plan: plan.ID}
		q.value = "key-of-the-plan-" + plan.ID
		q.createKey(t, q.value)
		q.want(t, body, 1, map[string]int{want: 1})
	}
}

func TestQuotas(t *testing.T) {
	c := &clock{now: time.Date(2026, 11, 27, 23, 59, 0, 0, time.UTC)}
	s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{Quota: &types.QuotaSettings{Limit: 5, Offset: 2, Period: types.QuotaPeriodTypeDay}})
	first := c.Now()
	p.want(t, "the first day, less the offset", 5, map[string]int{"200": 3, limitExceeded: 2})
	if diff := cmp.Diff([][]int64{{3, 0}}, p.usage(t, first, first)); diff != "" {
		t.Error(diff)
	}
	out, err := p.gw.UpdateUsage(t.Context(), &apigateway.UpdateUsageInput{UsagePlanId: &p.plan, KeyId: &p.key,
		PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/remaining"), Value: aws.String("2")}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][][]int64{p.key: {{3, 2}}}, out.Items); diff != "" {
		t.Error(diff)
	}
	p.want(t, "an extension", 3, map[string]int{"200": 2, limitExceeded: 1})
	c.move(2 * time.Minute)
	p.want(t, "the next day", 6, map[string]int{"200": 5, limitExceeded: 1})
	p.change(t, "replace", "/quota/limit", "7")
	p.want(t, "a larger quota", 3, map[string]int{"200": 2, limitExceeded: 1})
	if diff := cmp.Diff([][]int64{{5, 2}, {7, 0}, {0, 7}}, p.usage(t, first, first.AddDate(0, 0, 2))); diff != "" {
		t.Error(diff) // the first day's rest is by the quota of now
	}
	p.change(t, "remove", "/quota", "")
	p.want(t, "no quota", 3, map[string]int{"200": 3})
	if diff := cmp.Diff([][]int64{{10, 0}}, p.usage(t, c.Now(), c.Now())); diff != "" {
		t.Error(diff)
	}
}

func TestQuotasSurviveARestart(t *testing.T) {
	c, dir := newClock(), t.TempDir()
	var p *planAPI
	t.Run("before", func(t *testing.T) {
		s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now, DataDir: dir})
		p = s.createPlan(t, &apigateway.CreateUsagePlanInput{Quota: &types.QuotaSettings{Limit: 5, Period: types.QuotaPeriodTypeMonth}})
		p.want(t, "before", 3, map[string]int{"200": 3})
	})
	t.Run("after", func(t *testing.T) {
		s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now, DataDir: dir})
		p.server, p.gw = s, apigateway.NewFromConfig(s.aws())
		if diff := cmp.Diff([][]int64{{3, 2}}, p.usage(t, c.Now(), c.Now())); diff != "" {
			t.Error(diff)
		}
		p.want(t, "after", 3, map[string]int{"200": 2, limitExceeded: 1})
	})
}

func TestLimitsAreExactForManyClients(t *testing.T) {
	c := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: c.Now})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{Quota: &types.QuotaSettings{Limit: 150, Period: types.QuotaPeriodTypeWeek}})
	p.patch(t, "replace", "/*/*/throttling/burstLimit", "250", "replace", "/*/*/throttling/rateLimit", "1")
	var mu sync.Mutex // guards total
	total := map[string]int{}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			got := p.calls(t, 5)
			mu.Lock()
			defer mu.Unlock()
			for k, n := range got {
				total[k] += n
			}
		})
	}
	wg.Wait()
	if total["200"] != 150 || total["200"]+total[limitExceeded]+total[tooMany] != 320 {
		t.Errorf("%v", total)
	}
	if diff := cmp.Diff([][]int64{{150, 0}}, p.usage(t, c.Now(), c.Now())); diff != "" {
		t.Error(diff)
	}
}

// The event of a proxied function has the key.
func TestProxiedFunctionsAreToldTheKey(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{})
	arn := s.createPythonFunction(t, "f", "import json\ndef handle(e, c):\n    i = e['requestContext']['identity']\n    return {'statusCode': 200, 'body': i['apiKey'] + ' ' + i['apiKeyId']}\n")
	id := s.deployProxy(t, arn, true)
	_, err := p.gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: &id, ResourceId: rootOf(t, p.gw, id), HttpMethod: aws.String("ANY"),
		PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/apiKeyRequired"), Value: aws.String("true")}}})
	if err != nil {
		t.Fatal(err)
	}
	p.id = &id
	p.deploy(t, &apigateway.CreateDeploymentInput{})
	p.change(t, "add", "/apiStages", id+":s")
	if got := p.call(t, p.value); got != "200 "+p.value+" "+p.key {
		t.Error(got)
	}
}

func rootOf(t *testing.T, gw *apigateway.Client, id string) *string {
	t.Helper()
	api, err := gw.GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &id})
	if err != nil {
		t.Fatal(err)
	}
	return api.RootResourceId
}

// An authorizer's usageIdentifierKey is the key where the API says so, and the header is not.
func TestAnAuthorizerNamesTheAPIKey(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t), RelaxedPermissions: true})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{Quota: &types.QuotaSettings{Limit: 3, Period: types.QuotaPeriodTypeDay}})
	arn := s.createPythonFunction(t, "authorizer", `
def handle(event, context):
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    return {"principalId": "p", "policyDocument": {"Version": "2012-10-17", "Statement": [allow]}, "usageIdentifierKey": event["authorizationToken"]}
`)
	a, err := p.gw.CreateAuthorizer(t.Context(), &apigateway.CreateAuthorizerInput{RestApiId: p.id, Name: aws.String("a"), Type: types.AuthorizerTypeToken,
		IdentitySource: aws.String("method.request.header.Token"), AuthorizerResultTtlInSeconds: aws.Int32(300),
		AuthorizerUri: aws.String("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + arn + "/invocations")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: p.id, ResourceId: p.root, HttpMethod: aws.String("GET"), PatchOperations: []types.PatchOperation{
		{Op: "replace", Path: aws.String("/authorizationType"), Value: aws.String("CUSTOM")}, {Op: "replace", Path: aws.String("/authorizerId"), Value: a.Id}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.gw.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: p.id,
		PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/apiKeySource"), Value: aws.String("AUTHORIZER")}}})
	if err != nil {
		t.Fatal(err)
	}
	p.deploy(t, &apigateway.CreateDeploymentInput{})
	for i, want := range []int{200, 200, 200, 429} { // the second answer of the authorizer is a cached one
		res, body := fetch(t, p.invokeURL("/"), "Token", p.value)
		if res.StatusCode != want || want == 200 && body != p.value+" "+p.key {
			t.Errorf("call %d: %s %s", i, res.Status, body)
		}
	}
	if res, body := fetch(t, p.invokeURL("/"), "Token", "no-key", "X-API-Key", p.value); res.StatusCode != 403 || body != `{"message":"Forbidden"}` {
		t.Errorf("the header counts: %s %s", res.Status, body)
	}
}

// Whatever is changed meanwhile, a call either passes or is refused as AWS refuses it.
func TestPlansAreChangedWhileTheyAreUsed(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	p := s.createPlan(t, &apigateway.CreateUsagePlanInput{})
	ctx, stage := t.Context(), *p.id+":s"
	done := make(chan struct{})
	var clients, owners sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if got := p.call(t, p.value); got != "200 "+p.value+" "+p.key && got != forbidden && got != tooMany && got != limitExceeded {
					t.Errorf("%s", got)
					return
				}
			}
		})
	}
	check := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	owners.Go(func() {
		for i := range 30 {
			_, err := p.gw.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &p.key,
				PatchOperations: []types.PatchOperation{{Op: "replace", Path: aws.String("/enabled"), Value: aws.String(fmt.Sprint(i%2 == 1))}}})
			check(err)
		}
	})
	owners.Go(func() {
		for range 30 {
			p.change(t, "remove", "/apiStages", stage)
			p.change(t, "add", "/apiStages", stage, "replace", "/throttle/rateLimit", "5", "replace", "/throttle/burstLimit", "5")
		}
		p.change(t, "remove", "/throttle", "")
	})
	owners.Go(func() {
		for range 30 {
			_, err := p.gw.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: &p.plan, KeyId: &p.key})
			check(err)
			_, err = p.gw.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: &p.plan, KeyId: &p.key, KeyType: aws.String("API_KEY")})
			check(err)
		}
	})
	owners.Go(func() {
		for range 30 {
			p.patch(t, "replace", "/*/*/throttling/rateLimit", "7", "replace", "/*/*/throttling/burstLimit", "7")
			p.patch(t, "remove", "/*/*", "")
		}
	})
	owners.Wait()
	close(done)
	clients.Wait()
	if got := p.call(t, p.value); got != "200 "+p.value+" "+p.key {
		t.Errorf("in the end: %s", got)
	}
}
