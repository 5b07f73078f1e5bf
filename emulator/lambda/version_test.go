package lambda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Recorded 2023-11: nothing changed, so the second description is not taken.
func TestPublishWithoutAChangeAnswersTheLastVersion(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	publish := func(description string) *sdk.PublishVersionOutput {
		out, err := b.PublishVersion(asCaller, &sdk.PublishVersionInput{FunctionName: aws.String("f"), Description: &description})
		check(t, err)
		return out
	}
	first, again := publish("first"), publish("again")
	if *first.Version != "1" || *again.Version != "1" || *again.Description != "first" || *again.RevisionId != *first.RevisionId {
		t.Errorf("got %s %q, then %s %q", *first.Version, *first.Description, *again.Version, *again.Description)
	}
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Description: aws.String("new")})
	check(t, err)
	if second := publish(""); *second.Version != "2" || *second.Description != "new" {
		t.Errorf("got %s %q", *second.Version, *second.Description)
	}
	check(t, b.deleting("f:2")(asCaller))
	if third := publish(""); *third.Version != "3" {
		t.Errorf("numbers are never used again, got %s", *third.Version)
	}
}

// Recorded 2023-11 (revision ids of versions and aliases).
func TestPublishChangesTheRevisionOfLatestAndAliasesDoNot(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	before := *b.configuration(t, "f").RevisionId
	b.publish(t, "f")
	published := *b.configuration(t, "f").RevisionId
	version := *b.configuration(t, "f:1").RevisionId
	if before == published || version == published || version == before {
		t.Errorf("revisions %s, %s, of the version %s", before, published, version)
	}
	_, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{FunctionName: aws.String("f"), Name: aws.String("a"), FunctionVersion: aws.String("1")})
	check(t, err)
	if *b.configuration(t, "f").RevisionId != published || *b.configuration(t, "f:1").RevisionId != version {
		t.Error("an alias changed a revision")
	}
}

func TestVersionsAreFrozen(t *testing.T) {
	b := newBench(t)
	b.create(t, "f", withHandler("index.version"))
	b.publish(t, "f")
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Handler: aws.String("index.handler")})
	check(t, err)
	if out := b.invoke(t, "f:1", `"event"`); string(out.Payload) != `"1"` || *out.ExecutedVersion != "1" {
		t.Errorf("version 1 answered %s as %s", out.Payload, *out.ExecutedVersion)
	}
	if out := b.invoke(t, "f", `"event"`); string(out.Payload) != `"event"` || *out.ExecutedVersion != "$LATEST" {
		t.Errorf("$LATEST answered %s as %s", out.Payload, *out.ExecutedVersion)
	}
}

func TestListsArePagedInOrder(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"b", "a", "c"} {
		b.create(t, name)
	}
	var all []string
	for i := range 11 {
		all = append(all, fmt.Sprint(i+1))
		b.publishNew(t, "a", fmt.Sprint(i))
	}
	collect := func(next func(marker *string) ([]types.FunctionConfiguration, *string)) (arns []string) {
		var marker *string
		for {
			page, after := next(marker)
			for _, c := range page {
				if c.State != "" || c.LastUpdateStatus != "" {
					t.Errorf("recorded: %s is listed without its state", *c.FunctionArn)
				}
				arns = append(arns, (*c.FunctionArn)[len(prefix):])
			}
			if marker = after; marker == nil {
				return arns
			}
		}
	}
	every := []string{"a:$LATEST"}
	for _, v := range all {
		every = append(every, "a:"+v)
	}
	for _, size := range []int32{1, 2, 50, 10000} {
		versions := collect(func(marker *string) ([]types.FunctionConfiguration, *string) {
			out, err := b.ListVersionsByFunction(asCaller, &sdk.ListVersionsByFunctionInput{FunctionName: aws.String("a"), Marker: marker, MaxItems: &size})
			check(t, err)
			return out.Versions, out.NextMarker
		})
		functions := collect(func(marker *string) ([]types.FunctionConfiguration, *string) {
			out, err := b.ListFunctions(asCaller, &sdk.ListFunctionsInput{Marker: marker, MaxItems: &size})
			check(t, err)
			return out.Functions, out.NextMarker
		})
		both := collect(func(marker *string) ([]types.FunctionConfiguration, *string) {
			out, err := b.ListFunctions(asCaller, &sdk.ListFunctionsInput{Marker: marker, MaxItems: &size, FunctionVersion: types.FunctionVersionAll})
			check(t, err)
			return out.Functions, out.NextMarker
		})
		if !slices.Equal(versions, every) || !slices.Equal(functions, []string{"a", "b", "c"}) ||
			!slices.Equal(both, append(slices.Clone(every), "b:$LATEST", "c:$LATEST")) {
			t.Errorf("pages of %d: %v; %v; %v", size, versions, functions, both)
		}
	}
}

func TestAliasRoutesByWeight(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := newBench(t, func(o *Options) { o.Float64 = random.Float64 })
	b.create(t, "f", withHandler("index.version"))
	b.publishNew(t, "f", "1")
	b.publishNew(t, "f", "2")
	alias, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{
		FunctionName: aws.String("f"), Name: aws.String("live"), FunctionVersion: aws.String("1"),
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{"2": 0.25}},
	})
	check(t, err)
	count := func() map[string]int {
		n := map[string]int{}
		for range 400 {
			out := b.invoke(t, "f:live", "{}")
			if string(out.Payload) != fmt.Sprintf("%q", *out.ExecutedVersion) {
				t.Fatalf("ran %s, said %s", out.Payload, *out.ExecutedVersion)
			}
			n[*out.ExecutedVersion]++
		}
		return n
	}
	if n := count(); n["2"] < 70 || n["2"] > 130 || n["1"]+n["2"] != 400 {
		t.Errorf("a quarter of 400 is not %v", n)
	}
	// Recorded: an empty RoutingConfig ends routing, and the answer has none.
	after, err := b.UpdateAlias(asCaller, &sdk.UpdateAliasInput{
		FunctionName: aws.String("f"), Name: aws.String("live"), RevisionId: alias.RevisionId, RoutingConfig: &types.AliasRoutingConfiguration{},
	})
	check(t, err)
	if after.RoutingConfig != nil || *after.RevisionId == *alias.RevisionId {
		t.Errorf("got %+v", after)
	}
	if n := count(); n["1"] != 400 {
		t.Errorf("got %v", n)
	}
	_, err = b.UpdateAlias(asCaller, &sdk.UpdateAliasInput{FunctionName: aws.String("f"), Name: aws.String("live"), FunctionVersion: aws.String("$LATEST")})
	check(t, err)
	if n := count(); n["$LATEST"] != 400 {
		t.Errorf("got %v", n)
	}
	c := b.configuration(t, "f:live")
	if *c.Version != "$LATEST" || *c.FunctionArn != prefix+"f:live" {
		t.Errorf("recorded: the ARN is the alias's, the version the real one; got %s, %s", *c.FunctionArn, *c.Version)
	}
}

func TestAliasesAreListedByNameAndVersion(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publishNew(t, "f", "1")
	b.publishNew(t, "f", "2")
	for name, version := range map[string]string{"c": "1", "a": "2", "b": "1"} {
		_, err := b.CreateAlias(asCaller, &sdk.CreateAliasInput{FunctionName: aws.String("f"), Name: &name, FunctionVersion: &version})
		check(t, err)
	}
	list := func(in sdk.ListAliasesInput) (names []string, next *string) {
		in.FunctionName = aws.String("f")
		out, err := b.ListAliases(asCaller, &in)
		check(t, err)
		for _, a := range out.Aliases {
			names = append(names, *a.Name)
		}
		return names, out.NextMarker
	}
	if got, _ := list(sdk.ListAliasesInput{}); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v", got)
	}
	got, next := list(sdk.ListAliasesInput{FunctionVersion: aws.String("1"), MaxItems: aws.Int32(1)})
	if !slices.Equal(got, []string{"b"}) || next == nil {
		t.Fatalf("got %v", got)
	}
	if got, next = list(sdk.ListAliasesInput{FunctionVersion: aws.String("1"), Marker: next}); !slices.Equal(got, []string{"c"}) || next != nil {
		t.Errorf("got %v", got)
	}
	for range 2 { // recorded: deleting what is gone is no error
		_, err := b.DeleteAlias(asCaller, &sdk.DeleteAliasInput{FunctionName: aws.String("f"), Name: aws.String("a")})
		check(t, err)
	}
	if got, _ := list(sdk.ListAliasesInput{}); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("got %v", got)
	}
}

func TestAccountSettingsCountFunctionsAndCode(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	out, err := b.GetAccountSettings(asCaller, &sdk.GetAccountSettingsInput{})
	check(t, err)
	if u := out.AccountUsage; u.FunctionCount != 1 || u.TotalCodeSize != int64(2*len(zipped("one"))) {
		t.Errorf("got %+v", u)
	}
}
