package lambda

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/emulator/store"
)

// sameConfiguration leaves out what differs from run to run.
var sameConfiguration = cmp.Options{
	cmpopts.IgnoreFields(types.FunctionConfiguration{}, "LastModified", "RevisionId"),
	cmpopts.IgnoreUnexported(types.FunctionConfiguration{}, types.EnvironmentResponse{}, types.EphemeralStorage{},
		types.LoggingConfig{}, types.RuntimeVersionConfig{}, types.SnapStartResponse{}, types.TracingConfigResponse{}),
}

// Recorded 2024-03 (a function's life cycle).
func TestNewFunctionIsPendingInTheAnswerAndActiveAfterwards(t *testing.T) {
	b := newBench(t)
	created := b.create(t, "f", variable("A1", "x"))
	active, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	want := types.FunctionConfiguration{
		Architectures: []types.Architecture{"x86_64"}, CodeSha256: created.CodeSha256, CodeSize: int64(len(zipped("one"))),
		Description: aws.String(""), Environment: &types.EnvironmentResponse{Variables: map[string]string{"A1": "x"}},
		EphemeralStorage: &types.EphemeralStorage{Size: aws.Int32(512)}, FunctionArn: aws.String(prefix + "f"),
		FunctionName: aws.String("f"), Handler: aws.String("index.handler"),
		LastUpdateStatus: "Successful",
		LoggingConfig:    &types.LoggingConfig{LogFormat: "Text", LogGroup: aws.String("/aws/lambda/f")},
		MemorySize:       aws.Int32(128), PackageType: "Zip", Role: aws.String(role), Runtime: "python3.13",
		RuntimeVersionConfig: created.RuntimeVersionConfig,
		SnapStart:            &types.SnapStartResponse{ApplyOn: "None", OptimizationStatus: "Off"},
		State:                "Active", Timeout: aws.Int32(3), TracingConfig: &types.TracingConfigResponse{Mode: "PassThrough"},
		Version: aws.String("$LATEST"),
	}
	if d := cmp.Diff(want, *active.Configuration, sameConfiguration); d != "" {
		t.Error("active:", d)
	}
	want.State, want.StateReasonCode, want.LastUpdateStatus = "Pending", "Creating", ""
	want.StateReason = aws.String("The function is being created.")
	if d := cmp.Diff(answer[sdk.CreateFunctionOutput](want), created, cmp.Options{
		sameConfiguration, cmpopts.IgnoreUnexported(sdk.CreateFunctionOutput{}),
		cmpopts.IgnoreFields(sdk.CreateFunctionOutput{}, "LastModified", "RevisionId", "ResultMetadata"),
	}); d != "" {
		t.Error("created:", d)
	}
	if *active.Configuration.RevisionId == *created.RevisionId {
		t.Error("the RevisionId must change when the function becomes Active")
	}
}

func TestSynchronousCreateAnswersActive(t *testing.T) {
	b := newBench(t, func(o *Options) { o.SynchronousCreate = true })
	if out := b.create(t, "f"); out.State != types.StateActive || *out.RevisionId != *b.configuration(t, "f").RevisionId {
		t.Errorf("state %s, revision %s", out.State, *out.RevisionId)
	}
}

// Recorded: the answer names the version but has the unqualified ARN.
func TestCreateWithPublishAnswersVersionOne(t *testing.T) {
	b := newBench(t)
	out := b.create(t, "f", func(in *sdk.CreateFunctionInput) { in.Publish = true })
	if *out.Version != "1" || *out.FunctionArn != prefix+"f" || out.State != types.StatePending {
		t.Errorf("got version %s, ARN %s, state %s", *out.Version, *out.FunctionArn, out.State)
	}
	if v := b.configuration(t, "f:1"); *v.FunctionArn != prefix+"f:1" || v.State != types.StateActive {
		t.Errorf("got ARN %s, state %s", *v.FunctionArn, v.State)
	}
}

func TestConfigurationUpdateChangesWhatItHas(t *testing.T) {
	b := newBench(t)
	b.create(t, "f", func(in *sdk.CreateFunctionInput) { in.Description = aws.String("kept") }, variable("A1", "x"))
	before := b.configuration(t, "f")
	out, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), Timeout: aws.Int32(10), Runtime: types.RuntimePython312, RevisionId: before.RevisionId,
		Environment: &types.Environment{}, LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatJson},
	})
	check(t, err)
	if out.LastUpdateStatus != types.LastUpdateStatusInProgress || out.State != types.StateActive ||
		out.LastUpdateStatusReasonCode != "Creating" || *out.LastUpdateStatusReason != "The function is being created." {
		t.Errorf("got %s %s %v", out.State, out.LastUpdateStatus, out.LastUpdateStatusReason)
	}
	after := b.configuration(t, "f")
	if after.LastUpdateStatus != types.LastUpdateStatusSuccessful || *after.RevisionId == *out.RevisionId || *out.RevisionId == *before.RevisionId {
		t.Errorf("got %s, revisions %s, %s, %s", after.LastUpdateStatus, *before.RevisionId, *out.RevisionId, *after.RevisionId)
	}
	if *after.Timeout != 10 || *after.Description != "kept" || *after.MemorySize != 128 || len(after.Environment.Variables) != 0 {
		t.Errorf("got %+v", after)
	}
	if *after.RuntimeVersionConfig.RuntimeVersionArn == *before.RuntimeVersionConfig.RuntimeVersionArn {
		t.Error("another runtime has another version ARN")
	}
	// Recorded: JSON brings both levels along.
	want := &types.LoggingConfig{LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "INFO", LogGroup: aws.String("/aws/lambda/f")}
	if d := cmp.Diff(want, after.LoggingConfig, sameConfiguration); d != "" {
		t.Error(d)
	}
	runs, err := b.resolve(asCaller, ref{Scope: scope(asCaller), Name: "f"})
	check(t, err)
	wantEnv := map[string]string{"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}
	if d := cmp.Diff(wantEnv, runs.main.Environment); d != "" || runs.main.Timeout != 10*time.Second {
		t.Error("running with", runs.main.Timeout, d)
	}
}

func TestCodeUpdate(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	before := b.configuration(t, "f")
	update := func(change func(*sdk.UpdateFunctionCodeInput)) *sdk.UpdateFunctionCodeOutput {
		in := &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: zipped("two")}
		change(in)
		out, err := b.UpdateFunctionCode(asCaller, in)
		check(t, err)
		return out
	}
	t.Run("a dry run changes nothing", func(t *testing.T) {
		out := update(func(in *sdk.UpdateFunctionCodeInput) { in.DryRun = true })
		if *out.CodeSha256 != *before.CodeSha256 || *b.configuration(t, "f").RevisionId != *before.RevisionId {
			t.Error("changed")
		}
	})
	t.Run("without publish it is in progress", func(t *testing.T) {
		out := update(func(in *sdk.UpdateFunctionCodeInput) { in.Architectures = []types.Architecture{"arm64"} })
		if out.LastUpdateStatus != types.LastUpdateStatusInProgress || *out.CodeSha256 == *before.CodeSha256 || *out.FunctionArn != prefix+"f" {
			t.Errorf("got %s %s", out.LastUpdateStatus, *out.FunctionArn)
		}
		if got := b.configuration(t, "f").Architectures[0]; got != "arm64" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("with publish it is the new version, pending", func(t *testing.T) { // recorded
		out := update(func(in *sdk.UpdateFunctionCodeInput) { in.Publish = true })
		if *out.Version != "1" || *out.FunctionArn != prefix+"f:1" || out.State != types.StatePending || out.LastUpdateStatus != "" {
			t.Errorf("got %s %s %s", *out.Version, *out.FunctionArn, out.State)
		}
	})
}

func TestCodeLocationServesThePackage(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	out, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	path, ok := strings.CutPrefix(*out.Code.Location, "http://localhost:4566")
	if !ok || *out.Code.RepositoryType != "S3" {
		t.Fatalf("location %s", *out.Code.Location)
	}
	for _, c := range []struct {
		path   string
		status int
	}{{path, 200}, {path + "x", 404}, {strings.Replace(path, account, "222222222222", 1), 404}} {
		w := httptest.NewRecorder()
		b.Handler().ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if w.Code != c.status || c.status == 200 && !bytes.Equal(w.Body.Bytes(), zipped("one")) {
			t.Errorf("GET %s: %d, %d bytes", c.path, w.Code, w.Body.Len())
		}
	}
}

func TestPackageGoesWithItsLastVersion(t *testing.T) {
	b := newBench(t)
	one := *b.create(t, "f").CodeSha256
	b.create(t, "g")
	b.publish(t, "f")
	kept := func(digest string) bool {
		_, err := b.blob(t.Context(), store.Scope{Account: account, Region: region}, digest)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	two := *b.configurationAfter(t, "f", "two")
	steps := []struct {
		name     string
		do       func() error
		one, two bool
	}{
		{"f:1 and g use one, f uses two", func() error { return nil }, true, true},
		{"g is gone", func() error { return b.deleting("g")(asCaller) }, true, true},
		{"f has new code", func() error { b.setCode(t, "f", "three"); return nil }, true, false},
		{"f:1 is gone", func() error { return b.deleting("f:1")(asCaller) }, false, false},
	}
	for _, s := range steps {
		check(t, s.do())
		if kept(one) != s.one || kept(two) != s.two {
			t.Errorf("%s: one %t, two %t", s.name, kept(one), kept(two))
		}
	}
}

func (b *bench) configurationAfter(t *testing.T, name, content string) *string {
	t.Helper()
	b.setCode(t, name, content)
	return b.configuration(t, name).CodeSha256
}

func TestHotReloadRunsADirectory(t *testing.T) {
	b := newBench(t, func(o *Options) { o.HotReloadBucket = "marker" })
	dir := t.TempDir()
	live := func(bucket, key string) func(*sdk.CreateFunctionInput) {
		return func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{S3Bucket: &bucket, S3Key: &key} }
	}
	b.create(t, "f", live("marker", dir+"/"))
	out, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	if *out.Code.Location != "file://"+dir {
		t.Errorf("location %s", *out.Code.Location)
	}
	target, err := b.resolve(asCaller, ref{Scope: scope(asCaller), Name: "f"})
	check(t, err)
	if c := target.main.Code; !c.Live || c.Dir != dir {
		t.Errorf("code %+v", c)
	}
	check(t, os.WriteFile(dir+"/file", nil, 0o600))
	for _, wrong := range []struct{ bucket, key, want string }{
		{"hot-reload", dir, "NoSuchBucket"}, {"marker", "relative", "must be an absolute directory"},
		{"marker", dir + "/none", "does not exist where Postern runs"}, {"marker", dir + "/file", "does not exist where Postern runs"},
	} {
		if got := codeAndText(b.creating(live(wrong.bucket, wrong.key))(asCaller)); !strings.Contains(got, wrong.want) {
			t.Errorf("%v: %s", wrong, got)
		}
	}
}

func TestDeletedFunctionIsGoneWithAllThatIsIts(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	check(t, b.permittingOn("f", "1"))
	b.invoke(t, "f", "{}")
	check(t, b.deleting("f")(asCaller))
	for _, name := range []string{"f", "f:1"} {
		if got := codeAndText(b.getting(name, "")(asCaller)); got != "ResourceNotFoundException: Function not found: "+prefix+name {
			t.Error(got)
		}
	}
	if got := codeAndText(b.invoking("f", "{}", "")(asCaller)); !strings.HasPrefix(got, "ResourceNotFoundException") {
		t.Error(got)
	}
	b.create(t, "f")
	if v := b.publish(t, "f"); v != "2" { // numbers are never used again
		t.Errorf("another function of the name begins with version %s", v)
	}
	if _, err := b.GetPolicy(asCaller, &sdk.GetPolicyInput{FunctionName: aws.String("f:1")}); err == nil {
		t.Error("the policy of the former version 1 is still there")
	}
	check(t, b.deleting("f:9")(asCaller)) // recorded: no error
}

func (b *bench) permittingOn(name, qualifier string) error {
	return b.permitting(func(in *sdk.AddPermissionInput) {
		in.FunctionName = &name
		if qualifier != "" {
			in.Qualifier = &qualifier
		}
	})(asCaller)
}
