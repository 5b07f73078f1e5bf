package compile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"postern/apigw"
	"postern/apigw/compile"
	"postern/apigw/limit"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// keys are some API keys: "good-…" in a plan, "loose-…" in none, "off-…" disabled.
func keys(p limit.Plan) func(string, string) *limit.Keys {
	k := limit.NewKeys(func(_ context.Context, k *limit.Keys) error {
		k.SetPlan("plan", &p)
		fresh := func(string) (*limit.Usage, error) { return limit.NewUsage(nil, nil), nil }
		for i := range 3000 {
			k.SetKey(limit.Key{ID: fmt.Sprint("id", i), Value: fmt.Sprintf("some-value-of-forty-characters-%d", i), Enabled: true}, []string{"plan"}, fresh)
		}
		k.SetKey(limit.Key{ID: "good", Value: "good-good-good-good-good", Enabled: true}, []string{"plan"}, fresh)
		k.SetKey(limit.Key{ID: "loose", Value: "loose-loose-loose-loose", Enabled: true}, nil, fresh)
		return k.SetKey(limit.Key{ID: "off", Value: "off-off-off-off-off-off"}, []string{"plan"}, fresh)
	})
	return func(string, string) *limit.Keys { return k }
}

func everywhere(methods map[string]limit.Rate) map[string]map[string]limit.Rate {
	return map[string]map[string]limit.Rate{"api1234567/prod": methods}
}

var free = limit.Rate{PerSecond: -1, Burst: -1}

// guarded is an API whose method GET /pets requires a key, and GET /open none.
func guarded(t testing.TB, change func(*compile.REST), d compile.Deps) *apigw.Stage {
	m := mock(`{"statusCode": 200}`, types.IntegrationResponse{})
	open := m
	m.ApiKeyRequired = aws.Bool(true)
	def := define(methods{"GET /pets": m, "GET /open": open, "OPTIONS /open": open})
	if change != nil {
		change(&def)
	}
	if d.Now == nil {
		d.Now = func() time.Time { return noon }
	}
	stage, err := compile.BuildREST(def, d)
	if err != nil {
		t.Fatal(err)
	}
	return stage
}

// steps calls a method up to its first rejection.
func steps(t testing.TB, s *apigw.Stage, verb, path, key string, prepare func(*apigw.Exchange)) (*apigw.Exchange, string) {
	t.Helper()
	x := &apigw.Exchange{Stage: s, Request: apigw.Request{ID: "request", Verb: verb, Path: path, Time: noon}}
	x.Request.SetHeaders(map[string][]string{"X-Api-Key": {key}}, func() string { return "trace" })
	if prepare != nil {
		prepare(x)
	}
	x.Method, x.Request.PathValues = s.Routes.Route(verb, path, nil)
	for _, step := range x.Method.Steps {
		if err := step.Run(context.Background(), x); err != nil {
			return x, x.Reject(err).Type
		}
	}
	return x, ""
}

func TestAPIKeysPassWithAPlanForTheStage(t *testing.T) {
	logged := func(def *compile.REST) {
		def.Stage.MethodSettings = map[string]types.MethodSetting{"*/*": {LoggingLevel: aws.String("INFO"), ThrottlingBurstLimit: -1}}
	}
	s := guarded(t, logged, compile.Deps{Keys: keys(limit.Plan{Rate: free, Stages: everywhere(nil)})})
	unplanned := guarded(t, logged, compile.Deps{Keys: keys(limit.Plan{Rate: free, Stages: map[string]map[string]limit.Rate{"api1234567/test": {}}})})
	const verify = "Verifying Usage Plan for request: request. API Key: %[1]s API Stage: api1234567/prod\n"
	const refused = verify + "API Key %[1]s not authorized because method 'GET /pets' requires API Key and API Key is not associated with a Usage Plan for API Stage api1234567/prod: "
	const success = "Usage Plan check succeeded for API Key %[1]s and API Stage api1234567/prod"
	cases := []struct {
		name            string
		stage           *apigw.Stage
		path, key       string
		wantID, refused string
		log             string
	}{
		{"a key in a plan", s, "/pets", "good-good-good-good-good", "good", "", verify + success},
		{"no key", s, "/pets", "", "", "INVALID_API_KEY", refused + "No API Key"},
		{"a key that is unknown", s, "/pets", "unknown-key", "", "INVALID_API_KEY", refused + "API Key was not found"},
		{"a key that is disabled", s, "/pets", "off-off-off-off-off-off", "", "INVALID_API_KEY", refused + "API Key is disabled"},
		{"a key in no plan", s, "/pets", "loose-loose-loose-loose", "", "INVALID_API_KEY", refused + "No Usage Plan found for key and API Stage"},
		{"a stage in no plan", unplanned, "/pets", "good-good-good-good-good", "", "INVALID_API_KEY", refused + "API Stage is not in a Usage Plan"},
		{"a method that requires none", s, "/open", "good-good-good-good-good", "", "",
			verify + "API Key %[1]s authorized because method 'GET /open' does not require API Key. Request will not contribute to throttle or quota limits\n" + success},
		{"a method that requires none gets none", s, "/open", "", "", "",
			verify + "API Key %[1]s authorized because method 'GET /open' does not require API Key. Request will not contribute to throttle or quota limits\n" + success},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x, got := steps(t, c.stage, "GET", c.path, c.key, func(x *apigw.Exchange) {
				x.Log = &apigw.ExecutionLog{Now: func() time.Time { return noon }}
			})
			id, _ := x.Context("identity.apiKeyId")
			value, _ := x.Context("identity.apiKey")
			if got != c.refused || id != c.wantID || (value != "") != (id != "") {
				t.Errorf("%q, key %q %q", got, id, value)
			}
			var log []string
			for _, l := range x.Log.Lines {
				if strings.HasPrefix(l.Text, "Starting execution") {
					break
				}
				log = append(log, l.Text)
			}
			masked := c.key
			if len(masked) > 6 {
				masked = strings.Repeat("*", len(c.key)-6) + c.key[len(c.key)-6:]
			}
			if diff := cmp.Diff(fmt.Sprintf(c.log, masked), strings.Join(log, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheAuthorizerNamesTheKey(t *testing.T) {
	s := guarded(t, func(def *compile.REST) { def.API.ApiKeySource = types.ApiKeySourceTypeAuthorizer },
		compile.Deps{Keys: keys(limit.Plan{Rate: free, Stages: everywhere(nil)})})
	named := func(value string) func(*apigw.Exchange) {
		return func(x *apigw.Exchange) { x.Authorization = &apigw.Authorization{UsageIdentifierKey: value} }
	}
	if x, got := steps(t, s, "GET", "/pets", "", named("good-good-good-good-good")); got != "" || x.Identity.APIKeyID != "good" {
		t.Error(got)
	}
	if _, got := steps(t, s, "GET", "/pets", "good-good-good-good-good", named("")); got != "INVALID_API_KEY" {
		t.Errorf("the header counts: %s", got)
	}
	if _, got := steps(t, s, "GET", "/pets", "good-good-good-good-good", nil); got != "INVALID_API_KEY" {
		t.Errorf("without an authorizer: %s", got)
	}
}

// passes counts what n calls end with.
func passes(t *testing.T, s *apigw.Stage, n int, verb, path string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for range n {
		_, rejected := steps(t, s, verb, path, "good-good-good-good-good", nil)
		got[rejected]++
	}
	return got
}

// The order is that of facts rest-dataplane §12.
func TestLimitsHoldInTheirOrder(t *testing.T) {
	settings := func(of map[string]types.MethodSetting) func(*compile.REST) {
		return func(def *compile.REST) { def.Stage.MethodSettings = of }
	}
	r := func(burst int) limit.Rate { return limit.Rate{PerSecond: 1, Burst: burst} }
	setting := func(burst int32) types.MethodSetting {
		return types.MethodSetting{ThrottlingBurstLimit: burst, ThrottlingRateLimit: 1}
	}
	month := &limit.Quota{Limit: 4, Period: limit.Month}
	cases := []struct {
		name       string
		change     func(*compile.REST)
		plan       limit.Plan
		account    limit.Rate
		verb, path string
		want       map[string]int
	}{
		{"none", nil, limit.Plan{Rate: free}, limit.Rate{}, "GET", "/pets", map[string]int{"": 10}},
		{"of the plan for the method", nil, limit.Plan{Rate: r(5), Stages: everywhere(map[string]limit.Rate{"/pets/GET": r(3)})}, limit.Rate{}, "GET", "/pets", map[string]int{"": 3, "THROTTLED": 7}},
		{"of the plan for another method", nil, limit.Plan{Rate: r(5), Stages: everywhere(map[string]limit.Rate{"/pets/PUT": r(3)})}, limit.Rate{}, "GET", "/pets", map[string]int{"": 5, "THROTTLED": 5}},
		{"of the plan are not for methods without a key", nil, limit.Plan{Rate: r(5)}, limit.Rate{}, "GET", "/open", map[string]int{"": 10}},
		{"of all methods", settings(map[string]types.MethodSetting{"*/*": setting(6)}), limit.Plan{Rate: free}, limit.Rate{}, "GET", "/open", map[string]int{"": 6, "THROTTLED": 4}},
		{"of a preflight", settings(map[string]types.MethodSetting{"*/*": setting(6)}), limit.Plan{Rate: free}, limit.Rate{}, "OPTIONS", "/open", map[string]int{"": 6, "THROTTLED": 4}},
		{"of the method before those of all", settings(map[string]types.MethodSetting{"*/*": setting(6), "~1open/GET": setting(8)}), limit.Plan{Rate: free}, limit.Rate{}, "GET", "/open", map[string]int{"": 8, "THROTTLED": 2}},
		{"limit 0 means none", settings(map[string]types.MethodSetting{"*/*": setting(0)}), limit.Plan{Rate: free}, limit.Rate{}, "GET", "/open", map[string]int{"THROTTLED": 10}},
		{"limit -1 means all", settings(map[string]types.MethodSetting{"*/*": {ThrottlingBurstLimit: -1, ThrottlingRateLimit: -1}}), limit.Plan{Rate: free}, limit.Rate{}, "GET", "/open", map[string]int{"": 10}},
		{"of the account", nil, limit.Plan{Rate: free}, r(7), "GET", "/open", map[string]int{"": 7, "THROTTLED": 3}},
		{"of the account above the method's", settings(map[string]types.MethodSetting{"*/*": setting(9)}), limit.Plan{Rate: free}, r(7), "GET", "/open", map[string]int{"": 7, "THROTTLED": 3}},
		{"quota", nil, limit.Plan{Rate: free, Quota: month}, limit.Rate{}, "GET", "/pets", map[string]int{"": 4, "QUOTA_EXCEEDED": 6}},
		{"what is throttled does not count against the quota", settings(map[string]types.MethodSetting{"*/*": setting(3)}), limit.Plan{Rate: free, Quota: month}, limit.Rate{}, "GET", "/pets", map[string]int{"": 3, "THROTTLED": 7}},
		{"a spent quota is told before a throttle", nil, limit.Plan{Rate: r(4), Quota: month}, limit.Rate{}, "GET", "/pets", map[string]int{"": 4, "QUOTA_EXCEEDED": 6}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.plan.Stages == nil {
				c.plan.Stages = everywhere(nil)
			}
			s := guarded(t, c.change, compile.Deps{Keys: keys(c.plan), AccountRate: c.account})
			if diff := cmp.Diff(c.want, passes(t, s, 10, c.verb, c.path)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEachMethodHasTheLimitOfAllMethodsForItself(t *testing.T) {
	s := guarded(t, func(def *compile.REST) {
		def.Stage.MethodSettings = map[string]types.MethodSetting{"*/*": {ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1}}
	}, compile.Deps{})
	for _, verb := range []string{"GET", "OPTIONS"} {
		if got := passes(t, s, 5, verb, "/open"); got[""] != 2 {
			t.Errorf("%s: %v", verb, got)
		}
	}
}

func TestTokensSurviveARepublish(t *testing.T) {
	var buckets limit.Buckets
	publish := func(burst int32) *apigw.Stage {
		return guarded(t, func(def *compile.REST) {
			def.Stage.MethodSettings = map[string]types.MethodSetting{"*/*": {ThrottlingBurstLimit: burst, ThrottlingRateLimit: 1}}
		}, compile.Deps{Buckets: &buckets})
	}
	for _, c := range []struct {
		burst  int32
		passed int
	}{{3, 3}, {3, 0}, {4, 4}} {
		if got := passes(t, publish(c.burst), 10, "GET", "/open"); got[""] != c.passed {
			t.Errorf("burst %d: %v", c.burst, got)
		}
	}
}

// BenchmarkUsagePlan is the steps of a method with an API key that precede its integration.
func BenchmarkUsagePlan(b *testing.B) {
	much := limit.Rate{PerSecond: 1e9, Burst: 1 << 30}
	s := guarded(b, func(def *compile.REST) {
		def.Stage.MethodSettings = map[string]types.MethodSetting{"*/*": {ThrottlingBurstLimit: 1 << 30, ThrottlingRateLimit: 1e9}}
	}, compile.Deps{
		AccountRate: limit.Rate{PerSecond: 2e9, Burst: 1 << 30},
		Keys:        keys(limit.Plan{Rate: much, Quota: &limit.Quota{Limit: 1 << 60, Period: limit.Month}, Stages: everywhere(map[string]limit.Rate{"/pets/GET": much})}),
		Now:         time.Now,
	})
	m, _ := s.Routes.Route("GET", "/pets", nil)
	header := map[string][]string{"X-Api-Key": {"some-value-of-forty-characters-1234"}}
	ctx, x := context.Background(), new(apigw.Exchange)
	b.ReportAllocs()
	for b.Loop() {
		*x = apigw.Exchange{Stage: s, Method: m}
		x.Request.SetHeaders(header, nil)
		for i := range m.Steps[:2] { // the usage plan and the throttle
			if err := m.Steps[i].Run(ctx, x); err != nil {
				b.Fatal(err)
			}
		}
	}
}
