package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	v2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"postern/emulator"
	"postern/emulator/store"
)

// conditions are those of a text: a base path, and headers as "Name: glob", with bars between them.
func conditions(text string) (all []v2types.RoutingRuleCondition) {
	for part := range strings.SplitSeq(text, "|") {
		name, glob, header := strings.Cut(part, ": ")
		switch {
		case header:
			all = append(all, v2types.RoutingRuleCondition{MatchHeaders: &v2types.RoutingRuleMatchHeaders{
				AnyOf: []v2types.RoutingRuleMatchHeaderValue{{Header: &name, ValueGlob: &glob}}}})
		case part != "":
			all = append(all, v2types.RoutingRuleCondition{MatchBasePaths: &v2types.RoutingRuleMatchBasePaths{AnyOf: []string{part}}})
		}
	}
	if all == nil {
		all = []v2types.RoutingRuleCondition{}
	}
	return all
}

func invokes(api *string, stage string, strip bool) []v2types.RoutingRuleAction {
	return []v2types.RoutingRuleAction{{InvokeApi: &v2types.RoutingRuleActionInvokeApi{ApiId: api, Stage: &stage, StripBasePath: &strip}}}
}

func (b *domainBench) rule(t *testing.T, domain string, priority int32, when string, api *string, strip bool) *apigatewayv2.CreateRoutingRuleOutput {
	t.Helper()
	out, err := b.v2.CreateRoutingRule(t.Context(), &apigatewayv2.CreateRoutingRuleInput{
		DomainName: &domain, Priority: &priority, Conditions: conditions(when), Actions: invokes(api, "s", strip)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The REST API guide's "Examples of how API Gateway evaluates routing rules", examples 1 and 2 (read
// 2026-11), on the invoke path.
func TestRoutingRulesChooseTheAPI(t *testing.T) {
	dir := t.TempDir()
	const shown = ` $context.customDomain.routingRuleIdMatched $context.customDomain.basePathMatched $context.path`
	b := newDomainBench(t, emulator.Config{DataDir: dir}, "one"+shown)
	two, three := b.createMock(t, "two"+shown), b.createMock(t, "three"+shown)
	two.deploy(t, &apigateway.CreateDeploymentInput{})
	three.deploy(t, &apigateway.CreateDeploymentInput{})
	const rules, both = "rules.example.com", "both.example.com"
	b.v2Domain(t, rules, v2types.RoutingModeRoutingRuleOnly)
	b.v2Domain(t, both, v2types.RoutingModeRoutingRuleThenApiMapping)
	last := b.rule(t, rules, 100, "", three.id, false)
	first := b.rule(t, rules, 10, "Hello: World", b.id, false)
	second := b.rule(t, rules, 50, "Accept: image/webp|pet: Dog-*|PetStoreShopper", two.id, true)
	b.v2Map(t, both, "PetStoreShopper", three.id, "s")
	dogs := b.rule(t, both, 1, "PetStoreShopper|Pet: Dog-*", b.id, true)
	check := func(when string) {
		t.Helper()
		for _, c := range []struct{ host, path, headers, want string }{
			{rules, "/", "Hello: World", fmt.Sprintf("200 one %s  /", *first.RoutingRuleId)},
			{rules, "/PetStoreShopper", "Hello: World|Pet: Dog-Bella|Accept: image/webp", `403 {"message":"Missing Authentication Token"}`},
			{rules, "/PetStoreShopper", "Pet: Dog-Bella|Accept: image/webp", fmt.Sprintf("200 two %s  /PetStoreShopper", *second.RoutingRuleId)},
			{rules, "/", "Pet: Dog-Bella", fmt.Sprintf("200 three %s  /", *last.RoutingRuleId)},
			{both, "/PetStoreShopper", "Pet: Dog-Bella", fmt.Sprintf("200 one %s  /PetStoreShopper", *dogs.RoutingRuleId)},
			{both, "/PetStoreShopper", "Pet: Cat", "200 three  PetStoreShopper /PetStoreShopper"},
			{both, "/other", "Pet: Cat", forbiddenAnswer},
		} {
			got := answered(t, http.DefaultClient, b.url(c.path), append(strings.Split(c.headers, "|"), "Host: "+c.host)...)
			if got != c.want {
				t.Errorf("%s: %s%s with %s: %s, want %s", when, c.host, c.path, c.headers, got, c.want)
			}
		}
	}
	check("at once")
	list, err := b.v2.ListRoutingRules(t.Context(), &apigatewayv2.ListRoutingRulesInput{DomainName: aws.String(rules), MaxResults: aws.Int32(2)})
	if err != nil || len(list.RoutingRules) != 2 || *list.RoutingRules[0].Priority != 10 || *list.RoutingRules[1].Priority != 50 || list.NextToken == nil {
		t.Errorf("%+v %v", list, err)
	}
	rest, err := b.v2.ListRoutingRules(t.Context(), &apigatewayv2.ListRoutingRulesInput{DomainName: aws.String(rules), NextToken: list.NextToken})
	if err != nil || len(rest.RoutingRules) != 1 || *rest.RoutingRules[0].Priority != 100 || rest.NextToken != nil {
		t.Errorf("%+v %v", rest, err)
	}
	_, err = b.v2.PutRoutingRule(t.Context(), &apigatewayv2.PutRoutingRuleInput{DomainName: aws.String(rules), RoutingRuleId: last.RoutingRuleId,
		Priority: aws.Int32(1), Conditions: conditions(""), Actions: invokes(three.id, "s", false)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := answered(t, http.DefaultClient, b.url("/"), "Host: "+rules, "Hello: World"), fmt.Sprintf("200 three %s  /", *last.RoutingRuleId); got != want {
		t.Errorf("with another priority: %s, want %s", got, want)
	}
	if _, err := b.v2.DeleteRoutingRule(t.Context(), &apigatewayv2.DeleteRoutingRuleInput{DomainName: aws.String(rules), RoutingRuleId: last.RoutingRuleId}); err != nil {
		t.Fatal(err)
	}
	if got := answered(t, http.DefaultClient, b.url("/"), "Host: "+rules); got != forbiddenAnswer {
		t.Errorf("no rule takes it any more: %s", got)
	}
	_, err = b.v2.UpdateDomainName(t.Context(), &apigatewayv2.UpdateDomainNameInput{DomainName: aws.String(both), RoutingMode: v2types.RoutingModeApiMappingOnly})
	if err != nil {
		t.Fatal(err)
	}
	if got := answered(t, http.DefaultClient, b.url("/PetStoreShopper"), "Host: "+both, "Pet: Dog-Bella"); got != "200 three  PetStoreShopper /PetStoreShopper" {
		t.Errorf("rules do not count: %s", got)
	}
}

// Rules are there after a restart, and gone after a reset.
func TestRoutingRulesSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	const host = "Host: rules.example.com"
	t.Run("first start", func(t *testing.T) {
		b := newDomainBench(t, emulator.Config{DataDir: dir}, "here")
		b.v2Domain(t, "rules.example.com", v2types.RoutingModeRoutingRuleOnly)
		b.rule(t, "rules.example.com", 1, "a/b", b.id, true)
	})
	s := start(t, emulator.Config{DataDir: dir, Lambda: processes(t)})
	if got := answered(t, http.DefaultClient, s.url("/a/b"), host); got != "200 here" {
		t.Errorf("%s", got)
	}
	if err := s.Reset(t.Context(), store.Scope{}); err != nil {
		t.Fatal(err)
	}
	if got := answered(t, http.DefaultClient, s.url("/a/b"), host); strings.HasPrefix(got, "200") {
		t.Errorf("after a reset: %s", got)
	}
}

// A rule of a private name is found with the name's id and invokes private APIs alone.
func TestRoutingRulesOfPrivateDomains(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "here")
	private := b.createDomain(t, &apigateway.CreateDomainNameInput{
		DomainName: aws.String("private.example.com"), CertificateArn: b.certificate, RoutingMode: types.RoutingModeRoutingRuleOnly,
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}},
	})
	in := &apigatewayv2.CreateRoutingRuleInput{DomainName: private.DomainName, DomainNameId: private.DomainNameId,
		Priority: aws.Int32(1), Conditions: conditions(""), Actions: invokes(b.id, "s", false)}
	if got := outcome(b.v2.CreateRoutingRule(t.Context(), in)); !strings.HasPrefix(got, "BadRequestException: Private custom domain names can only be mapped to private APIs") {
		t.Errorf("a public API: %s", got)
	}
	b.makePrivate(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}`)
	out, err := b.v2.CreateRoutingRule(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := *private.DomainNameArn + "/routingrules/" + *out.RoutingRuleId; *out.RoutingRuleArn != want {
		t.Errorf("%s, want %s", *out.RoutingRuleArn, want)
	}
	in.DomainNameId = nil
	if got := outcome(b.v2.CreateRoutingRule(t.Context(), in)); got != noDomain {
		t.Errorf("without the id: %s", got)
	}
}

func TestWhatRoutingRulesRefuse(t *testing.T) {
	b := newDomainBench(t, emulator.Config{}, "here")
	httpAPI := b.v2API(t, v2types.ProtocolTypeHttp, "$default")
	const name = "rules.example.com"
	b.v2Domain(t, name, v2types.RoutingModeRoutingRuleOnly)
	b.v2Domain(t, "maps.example.com", "")
	made := b.rule(t, name, 5, "", b.id, false)
	if want := "arn:aws:apigateway:us-east-1:000000000000:/domainnames/" + name + "/routingrules/" + *made.RoutingRuleId; *made.RoutingRuleArn != want ||
		len(*made.RoutingRuleId) != 6 || *made.Actions[0].InvokeApi.StripBasePath {
		t.Errorf("%+v", made)
	}
	long := strings.Repeat("a", 128)
	for _, c := range []struct {
		priority  int32
		when      string
		api       *string
		stage     string
		strip     bool
		want      string
		wantsCode string
	}{
		{0, "", b.id, "s", false, "Invalid priority specified", "BadRequestException"},
		{1_000_001, "", b.id, "s", false, "Invalid priority specified", "BadRequestException"},
		{5, "", b.id, "s", false, "A routing rule with priority 5 already exists", "ConflictException"},
		{6, "", b.id, "none", false, "Invalid stage identifier specified", "BadRequestException"},
		{6, "", aws.String("none"), "s", false, "Invalid API identifier specified", "NotFoundException"},
		{6, "", httpAPI, "$default", false, "Routing rules can only invoke REST APIs.", "BadRequestException"},
		{6, "", b.id, "s", true, "StripBasePath can only be true", "BadRequestException"},
		{6, "a|b", b.id, "s", false, "A routing rule can have one matchBasePaths condition.", "BadRequestException"},
		{6, "A: a|B: b|C: c", b.id, "s", false, "A routing rule can have up to 2 matchHeaders conditions.", "BadRequestException"},
		{6, "/a", b.id, "s", false, "A base path cannot start or end", "BadRequestException"},
		{6, "a?b", b.id, "s", false, "A base path may contain only", "BadRequestException"},
		{6, long, b.id, "s", false, "A base path must be less than 128 characters.", "BadRequestException"},
		{6, "Authorization: a", b.id, "s", false, "The header Authorization is not supported as a condition.", "BadRequestException"},
		{6, "X-Amz-Date: a", b.id, "s", false, "The header X-Amz-Date is not supported as a condition.", "BadRequestException"},
		{6, "X-*: a", b.id, "s", false, "A header name may contain only", "BadRequestException"},
		{6, long[:40] + ": a", b.id, "s", false, "A header name must be less than 40 characters.", "BadRequestException"},
		{6, "X: a*b", b.id, "s", false, "A header value glob may contain only", "BadRequestException"},
		{6, "X: a b", b.id, "s", false, "A header value glob may contain only", "BadRequestException"},
		{6, "X: " + long, b.id, "s", false, "A header value glob must be less than 128 characters.", "BadRequestException"},
		{6, "X: *" + long[:39] + "*", b.id, "s", false, "A header value glob for an infix match", "BadRequestException"},
	} {
		in := &apigatewayv2.CreateRoutingRuleInput{DomainName: aws.String(name), Priority: &c.priority, Conditions: conditions(c.when), Actions: invokes(c.api, c.stage, c.strip)}
		if got, want := outcome(b.v2.CreateRoutingRule(t.Context(), in)), c.wantsCode+": "+c.want; !strings.HasPrefix(got, want) {
			t.Errorf("%d %.20s: %s, want %s", c.priority, c.when, got, want)
		}
	}
	create := apigatewayv2.CreateRoutingRuleInput{DomainName: aws.String(name), Priority: aws.Int32(7), Conditions: conditions(""), Actions: invokes(b.id, "s", false)}
	with := func(change func(*apigatewayv2.CreateRoutingRuleInput)) string {
		in := create
		change(&in)
		return outcome(b.v2.CreateRoutingRule(t.Context(), &in))
	}
	none := aws.String("none")
	for _, c := range []struct{ got, want string }{
		{with(func(in *apigatewayv2.CreateRoutingRuleInput) { in.DomainName = aws.String("maps.example.com") }),
			"BadRequestException: Routing rules cannot be created for a domain name with the routing mode API_MAPPING_ONLY."},
		{with(func(in *apigatewayv2.CreateRoutingRuleInput) { in.Actions = nil }), "operation error"},
		{with(func(in *apigatewayv2.CreateRoutingRuleInput) { in.Actions = []v2types.RoutingRuleAction{} }), "BadRequestException: A routing rule must have exactly one action."},
		{with(func(in *apigatewayv2.CreateRoutingRuleInput) { in.Conditions = []v2types.RoutingRuleCondition{{}} }),
			"BadRequestException: A condition must have either matchBasePaths or matchHeaders."},
		{with(func(in *apigatewayv2.CreateRoutingRuleInput) {
			in.Conditions = []v2types.RoutingRuleCondition{{MatchBasePaths: &v2types.RoutingRuleMatchBasePaths{AnyOf: []string{"a", "b"}}}}
		}), "BadRequestException: A matchBasePaths condition must have exactly one base path."},
		{outcome(b.v2.GetRoutingRule(t.Context(), &apigatewayv2.GetRoutingRuleInput{DomainName: aws.String(name), RoutingRuleId: none})), noRule},
		{outcome(b.v2.DeleteRoutingRule(t.Context(), &apigatewayv2.DeleteRoutingRuleInput{DomainName: aws.String(name), RoutingRuleId: none})), noRule},
		{outcome(b.v2.PutRoutingRule(t.Context(), &apigatewayv2.PutRoutingRuleInput{DomainName: aws.String(name), RoutingRuleId: none,
			Priority: aws.Int32(9), Conditions: conditions(""), Actions: invokes(b.id, "s", false)})), noRule},
	} {
		if !strings.HasPrefix(c.got, c.want) {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
	for i := range int32(49) {
		b.rule(t, name, 100+i, "", b.id, false)
	}
	if got := with(func(*apigatewayv2.CreateRoutingRuleInput) {}); got != "BadRequestException: Maximum number of routing rules per domain has been reached: 50" {
		t.Errorf("%s", got)
	}
}

const noRule = "NotFoundException: Invalid routing rule identifier specified"
