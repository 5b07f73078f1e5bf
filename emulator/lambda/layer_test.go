package lambda

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

const layerPrefix = "arn:aws:lambda:us-east-1:111111111111:layer:"

// asOther is a request of another account.
var asOther = wire.WithCaller(context.Background(), wire.Caller{
	AccountID: "222222222222", Region: region, Endpoint: "http://localhost:4566",
})

// publishLayer makes a version of a layer and returns its ARN.
func (b *bench) publishLayer(t testing.TB, ctx context.Context, name, content string, change ...func(*sdk.PublishLayerVersionInput)) string {
	t.Helper()
	in := &sdk.PublishLayerVersionInput{LayerName: &name, Content: &types.LayerVersionContentInput{ZipFile: zipped(content)}}
	for _, f := range change {
		f(in)
	}
	out, err := b.PublishLayerVersion(ctx, in)
	check(t, err)
	return *out.LayerVersionArn
}

func withLayers(arns ...string) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) { in.Layers = arns }
}

func (b *bench) setLayers(name string, arns ...string) error {
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: &name, Layers: arns})
	return err
}

func (b *bench) deleteLayer(t testing.TB, name string, version int64) {
	t.Helper()
	_, err := b.DeleteLayerVersion(asCaller, &sdk.DeleteLayerVersionInput{LayerName: &name, VersionNumber: &version})
	check(t, err)
}

// runsWith is what a function's sandboxes have in their layers' index.py.
func (b *bench) runsWith(t *testing.T, name string) (contents []string) {
	t.Helper()
	r, err := splitName(name, scope(asCaller))
	check(t, err)
	runs, err := b.resolve(asCaller, r)
	check(t, err)
	for _, l := range runs.main.Layers {
		content, err := os.ReadFile(filepath.Join(l.Dir, "index.py"))
		check(t, err)
		contents = append(contents, string(content))
	}
	return contents
}

// Recorded 2023-11 (a layer's life cycle): numbers go on after all versions were deleted.
func TestALayersLife(t *testing.T) {
	b := newBench(t)
	in := &sdk.PublishLayerVersionInput{
		LayerName: aws.String("l"), Content: &types.LayerVersionContentInput{ZipFile: zipped("one")}, Description: aws.String("d"),
		LicenseInfo: aws.String("MIT"), CompatibleRuntimes: []types.Runtime{"python3.9"}, CompatibleArchitectures: []types.Architecture{"x86_64"},
	}
	first, err := b.PublishLayerVersion(asCaller, in)
	check(t, err)
	want := &sdk.PublishLayerVersionOutput{
		LayerArn: aws.String(layerPrefix + "l"), LayerVersionArn: aws.String(layerPrefix + "l:1"), Version: 1,
		Description: aws.String("d"), LicenseInfo: aws.String("MIT"), CreatedDate: first.CreatedDate,
		CompatibleRuntimes: []types.Runtime{"python3.9"}, CompatibleArchitectures: []types.Architecture{"x86_64"},
		Content: &types.LayerVersionContentOutput{
			CodeSha256: first.Content.CodeSha256, CodeSize: int64(len(zipped("one"))), Location: first.Content.Location,
		},
	}
	same := cmp.Options{
		cmpopts.IgnoreUnexported(sdk.PublishLayerVersionOutput{}, types.LayerVersionContentOutput{}),
		cmpopts.IgnoreFields(sdk.PublishLayerVersionOutput{}, "ResultMetadata"),
	}
	if d := cmp.Diff(want, first, same); d != "" {
		t.Error(d)
	}
	if !strings.HasSuffix(*first.CreatedDate, "+0000") || len(*first.CreatedDate) != len("2024-01-02T03:04:05.678+0000") {
		t.Error(*first.CreatedDate)
	}
	_, err = b.PublishLayerVersion(asCaller, in)
	check(t, err)
	list, err := b.ListLayerVersions(asCaller, &sdk.ListLayerVersionsInput{LayerName: aws.String("l")})
	check(t, err)
	if len(list.LayerVersions) != 2 || list.LayerVersions[0].Version != 2 || *list.LayerVersions[1].LayerVersionArn != layerPrefix+"l:1" {
		t.Errorf("%+v", list.LayerVersions)
	}
	got, err := b.GetLayerVersion(asCaller, &sdk.GetLayerVersionInput{LayerName: aws.String(layerPrefix + "l"), VersionNumber: aws.Int64(1)})
	check(t, err)
	if d := cmp.Diff(want, answer[sdk.PublishLayerVersionOutput](*got), same); d != "" {
		t.Error(d)
	}
	byARN, err := b.GetLayerVersionByArn(asCaller, &sdk.GetLayerVersionByArnInput{Arn: aws.String(layerPrefix + "l:1")})
	check(t, err)
	if d := cmp.Diff(want, answer[sdk.PublishLayerVersionOutput](*byARN), same); d != "" {
		t.Error(d)
	}
	b.deleteLayer(t, "l", 1)
	b.deleteLayer(t, "l", 2)
	b.deleteLayer(t, "l", 2)
	list, err = b.ListLayerVersions(asCaller, &sdk.ListLayerVersionsInput{LayerName: aws.String("l")})
	check(t, err)
	all, err := b.ListLayers(asCaller, &sdk.ListLayersInput{})
	check(t, err)
	if list.LayerVersions == nil || len(list.LayerVersions) != 0 || all.Layers == nil || len(all.Layers) != 0 {
		t.Errorf("%+v %+v", list, all)
	}
	if arn := b.publishLayer(t, asCaller, "l", "one"); arn != layerPrefix+"l:3" {
		t.Error(arn)
	}
}

// Recorded: lists that were sent empty are answered empty, others not at all.
func TestWhatALayerDoesNotSayIsLeftOut(t *testing.T) {
	b := newBench(t)
	b.publishLayer(t, asCaller, "silent", "x")
	b.publishLayer(t, asCaller, "empty", "x", func(in *sdk.PublishLayerVersionInput) {
		in.CompatibleRuntimes, in.CompatibleArchitectures = []types.Runtime{}, []types.Architecture{}
	})
	for name, nothing := range map[string]bool{"silent": true, "empty": false} {
		got, err := b.GetLayerVersion(asCaller, &sdk.GetLayerVersionInput{LayerName: &name, VersionNumber: aws.Int64(1)})
		check(t, err)
		if (got.CompatibleRuntimes == nil) != nothing || (got.CompatibleArchitectures == nil) != nothing || len(got.CompatibleRuntimes) != 0 {
			t.Errorf("%s: %#v %#v", name, got.CompatibleRuntimes, got.CompatibleArchitectures)
		}
		if got.LicenseInfo != nil || *got.Description != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestListsOfLayersAreFilteredAndPaged(t *testing.T) {
	b := newBench(t)
	for _, l := range []struct {
		name         string
		runtime      types.Runtime
		architecture types.Architecture
	}{{"b", "python3.12", "x86_64"}, {"b", "python3.13", "arm64"}, {"b", "python3.12", "arm64"}, {"a", "nodejs22.x", "x86_64"}, {"b-c", "python3.12", "x86_64"}} {
		b.publishLayer(t, asCaller, l.name, "x", func(in *sdk.PublishLayerVersionInput) {
			in.CompatibleRuntimes, in.CompatibleArchitectures = []types.Runtime{l.runtime}, []types.Architecture{l.architecture}
		})
	}
	for _, c := range []struct {
		in   sdk.ListLayersInput
		want string
	}{
		{sdk.ListLayersInput{}, "a:1 b:3 b-c:1"},
		{sdk.ListLayersInput{CompatibleRuntime: "python3.12"}, "b:3 b-c:1"},
		{sdk.ListLayersInput{CompatibleRuntime: "python3.12", CompatibleArchitecture: "x86_64"}, "b:1 b-c:1"},
		{sdk.ListLayersInput{CompatibleRuntime: "nasa"}, ""},
		{sdk.ListLayersInput{MaxItems: aws.Int32(2)}, "a:1 b:3 >"},
		{sdk.ListLayersInput{MaxItems: aws.Int32(2), Marker: aws.String("b")}, "b-c:1"},
	} {
		out, err := b.ListLayers(asCaller, &c.in)
		check(t, err)
		var got []string
		for _, l := range out.Layers {
			got = append(got, strings.TrimPrefix(*l.LatestMatchingVersion.LayerVersionArn, layerPrefix))
		}
		if out.NextMarker != nil {
			got = append(got, ">")
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.in, got, c.want)
		}
	}
	var numbers []int64
	pages := sdk.NewListLayerVersionsPaginator(newClient(t, b), &sdk.ListLayerVersionsInput{LayerName: aws.String(layerPrefix + "b"), MaxItems: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		check(t, err)
		for _, v := range page.LayerVersions {
			numbers = append(numbers, v.Version)
		}
	}
	if !slices.Equal(numbers, []int64{3, 2, 1}) {
		t.Error(numbers)
	}
	filtered, err := b.ListLayerVersions(asCaller, &sdk.ListLayerVersionsInput{LayerName: aws.String("b"), CompatibleArchitecture: "x86_64"})
	check(t, err)
	if len(filtered.LayerVersions) != 1 || filtered.LayerVersions[0].Version != 1 {
		t.Errorf("%+v", filtered)
	}
}

// Recorded 2023-11 (a function with a layer): the layer is in all answers, also after
// its version was deleted.
func TestAFunctionKeepsItsLayers(t *testing.T) {
	b := newBench(t)
	one, two := b.publishLayer(t, asCaller, "l", "layer one"), b.publishLayer(t, asCaller, "m", "layer two")
	created := b.create(t, "f", withLayers(one))
	want := []types.Layer{{Arn: &one, CodeSize: int64(len(zipped("layer one")))}}
	same := cmpopts.IgnoreUnexported(types.Layer{})
	if d := cmp.Diff(want, created.Layers, same); d != "" {
		t.Error(d)
	}
	frozen := b.publish(t, "f")
	check(t, b.setLayers("f", one, two))
	check(t, b.setLayers("f")) // not sent: nothing changes
	if got := b.runsWith(t, "f"); !slices.Equal(got, []string{"layer one", "layer two"}) {
		t.Error(got)
	}
	if b.publish(t, "f") == frozen {
		t.Error("other layers are another version")
	}
	b.deleteLayer(t, "l", 1)
	if d := cmp.Diff(want, b.configuration(t, "f:"+frozen).Layers, same); d != "" {
		t.Error(d)
	}
	b.stop()
	check(t, os.RemoveAll(filepath.Join(b.dir, "code"))) // what is unpacked may be lost
	b.start(t)
	if got := b.runsWith(t, "f:"+frozen); !slices.Equal(got, []string{"layer one"}) {
		t.Error(got)
	}
	if err := codeAndText(b.setLayers("f", one)); err != "InvalidParameterValueException: Layer version "+one+" does not exist." {
		t.Error(err)
	}
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Layers: []string{}})
	check(t, err)
	if got := b.configuration(t, "f").Layers; got != nil {
		t.Errorf("an empty list takes the layers away: %v", got)
	}
}

// A package goes with the last that uses it: a layer version, $LATEST, a published
// version, as code or as a layer.
func TestALayersPackageGoesWithItsLastUser(t *testing.T) {
	b := newBench(t)
	kept := func() bool {
		found := true
		check(t, b.Store.View(t.Context(), scope(asCaller), func(tx *store.Tx) error {
			_, err := tx.Blob(digestOfOne(t, b))
			if errors.Is(err, store.ErrNotFound) {
				found, err = false, nil
			}
			return err
		}))
		return found
	}
	arn := b.publishLayer(t, asCaller, "l", "one") // the same package as the functions' code
	b.create(t, "f", withLayers(arn), func(in *sdk.CreateFunctionInput) { in.Publish = true })
	b.deleteLayer(t, "l", 1)
	b.setCode(t, "f", "other code")
	if !kept() {
		t.Fatal("gone while a layer of $LATEST and of version 1")
	}
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Layers: []string{}})
	check(t, err)
	if !kept() {
		t.Fatal("gone while a layer of version 1")
	}
	check(t, b.deleting("f:1")(asCaller))
	if kept() {
		t.Fatal("kept without a user")
	}
	second := b.publishLayer(t, asCaller, "l", "one")
	b.create(t, "g", withLayers(second))
	b.deleteLayer(t, "l", 2)
	check(t, b.deleting("g")(asCaller))
	if kept() {
		t.Error("kept without the function")
	}
}

// digestOfOne is that of the package "one".
func digestOfOne(t *testing.T, b *bench) string {
	t.Helper()
	pkg, err := b.zippedCode(zipped("one"))
	check(t, err)
	return pkg.Digest
}

// A version is another account's to use once it is shared; the function goes on working
// when it no longer is.
func TestAnotherAccountsLayer(t *testing.T) {
	b := newBench(t)
	arn := b.publishLayer(t, asOther, "theirs", "shared layer")
	get := func() error {
		_, err := b.GetLayerVersionByArn(asCaller, &sdk.GetLayerVersionByArnInput{Arn: &arn})
		return err
	}
	denied := "AccessDeniedException: User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:GetLayerVersion on resource: " + arn +
		" because no resource-based policy allows the lambda:GetLayerVersion action"
	share := func(sid, principal string, organization *string) {
		t.Helper()
		_, err := b.AddLayerVersionPermission(asOther, &sdk.AddLayerVersionPermissionInput{
			LayerName: aws.String("theirs"), VersionNumber: aws.Int64(1), StatementId: &sid, Action: aws.String(getLayerAction),
			Principal: &principal, OrganizationId: organization,
		})
		check(t, err)
	}
	share("someone", "333333333333", nil)
	share("organization", "*", aws.String("o-a1b2c3d4e5"))
	b.create(t, "f")
	for what, err := range map[string]error{"read": get(), "use": b.setLayers("f", arn)} {
		if codeAndText(err) != denied {
			t.Errorf("%s: %v", what, err)
		}
	}
	share("ours", "111111111111", nil)
	check(t, get())
	check(t, b.setLayers("f", arn))
	_, err := b.DeleteLayerVersion(asOther, &sdk.DeleteLayerVersionInput{LayerName: aws.String("theirs"), VersionNumber: aws.Int64(1)})
	check(t, err)
	if codeAndText(get()) != denied {
		t.Error("who may not have a version is not told whether it is there")
	}
	b.stop()
	check(t, os.RemoveAll(filepath.Join(b.dir, "code")))
	b.start(t)
	if got := b.runsWith(t, "f"); !slices.Equal(got, []string{"shared layer"}) {
		t.Error(got)
	}
}

// Recorded 2023-11 (a layer policy's life cycle): each change gives the policy another
// revision, which is its own.
func TestALayersPolicy(t *testing.T) {
	b := newBench(t)
	b.publishLayer(t, asCaller, "l", "x")
	add := func(sid string, revision *string) *sdk.AddLayerVersionPermissionOutput {
		t.Helper()
		out, err := b.AddLayerVersionPermission(asCaller, &sdk.AddLayerVersionPermissionInput{
			LayerName: aws.String("l"), VersionNumber: aws.Int64(1), StatementId: &sid, Action: aws.String(getLayerAction),
			Principal: aws.String("*"), RevisionId: revision,
		})
		check(t, err)
		return out
	}
	statement := func(sid string) string {
		return `{"Sid":"` + sid + `","Effect":"Allow","Principal":"*","Action":"lambda:GetLayerVersion","Resource":"` + layerPrefix + `l:1"}`
	}
	read := func(want string) *string {
		t.Helper()
		got, err := b.GetLayerVersionPolicy(asCaller, &sdk.GetLayerVersionPolicyInput{LayerName: aws.String("l"), VersionNumber: aws.Int64(1)})
		check(t, err)
		if *got.Policy != `{"Version":"2012-10-17","Id":"default","Statement":[`+want+`]}` {
			t.Error(*got.Policy)
		}
		return got.RevisionId
	}
	first := add("s1", nil)
	if *first.Statement != statement("s1") || *read(statement("s1")) != *first.RevisionId {
		t.Errorf("%+v", first)
	}
	second := add("s2", first.RevisionId)
	if *read(statement("s1") + "," + statement("s2")) != *second.RevisionId {
		t.Error(*second.RevisionId)
	}
	_, err := b.RemoveLayerVersionPermission(asCaller, &sdk.RemoveLayerVersionPermissionInput{
		LayerName: aws.String("l"), VersionNumber: aws.Int64(1), StatementId: aws.String("s2"), RevisionId: second.RevisionId,
	})
	check(t, err)
	if revision := read(statement("s1")); *revision == *second.RevisionId || *revision == *first.RevisionId {
		t.Error(*revision)
	}
}

func TestALiveLayerIsADirectory(t *testing.T) {
	b := newBench(t)
	dir := t.TempDir()
	arn := b.publishLayer(t, asCaller, "live", "", func(in *sdk.PublishLayerVersionInput) {
		in.Content = &types.LayerVersionContentInput{S3Bucket: aws.String("hot-reload"), S3Key: &dir}
	})
	got, err := b.GetLayerVersionByArn(asCaller, &sdk.GetLayerVersionByArnInput{Arn: &arn})
	check(t, err)
	if *got.Content.Location != "file://"+dir || got.Content.CodeSize != 0 {
		t.Errorf("%+v", got.Content)
	}
	b.create(t, "f", withLayers(arn))
	runs, err := b.resolve(asCaller, ref{Scope: scope(asCaller), Name: "f"})
	check(t, err)
	if want := []lambdarunner.Code{{Dir: dir, Live: true}}; !slices.Equal(runs.main.Layers, want) {
		t.Errorf("%+v", runs.main.Layers)
	}
}

// Recorded 2023-11 (account settings): layers count as code does.
func TestLayersCountAsCode(t *testing.T) {
	b := newBench(t)
	b.publishLayer(t, asCaller, "l", "one")
	b.publishLayer(t, asCaller, "l", "one")
	out, err := b.GetAccountSettings(asCaller, &sdk.GetAccountSettingsInput{})
	check(t, err)
	if want := int64(2 * len(zipped("one"))); out.AccountUsage.TotalCodeSize != want {
		t.Errorf("%d, want %d", out.AccountUsage.TotalCodeSize, want)
	}
}

func TestAClientFetchesALayer(t *testing.T) {
	c := newClient(t, newBench(t))
	published, err := c.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{
		LayerName: aws.String("l"), Content: &types.LayerVersionContentInput{ZipFile: zipped("over the wire")},
	})
	check(t, err)
	got, err := c.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: published.LayerArn, VersionNumber: &published.Version})
	check(t, err)
	byARN, err := c.GetLayerVersionByArn(t.Context(), &sdk.GetLayerVersionByArnInput{Arn: got.LayerVersionArn})
	check(t, err)
	resp, err := http.Get(*byARN.Content.Location)
	check(t, err)
	defer resp.Body.Close()
	if zip, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(zip, zipped("over the wire")) {
		t.Errorf("fetched %d bytes, %v", len(zip), err)
	}
	_, err = c.CreateFunction(t.Context(), newFunction("f", withLayers(*got.LayerVersionArn)))
	check(t, err)
	empty, err := c.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Layers: []string{}})
	check(t, err)
	if len(empty.Layers) != 0 {
		t.Error(empty.Layers)
	}
}
