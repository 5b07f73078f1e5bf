package lambda

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/lambdarunner"
)

// signing makes a configuration with a policy.
func (b *bench) signing(t *testing.T, c *sdk.Client, policy types.CodeSigningPolicy) *string {
	t.Helper()
	out, err := c.CreateCodeSigningConfig(t.Context(), &sdk.CreateCodeSigningConfigInput{
		AllowedPublishers:   &types.AllowedPublishers{SigningProfileVersionArns: []string{"arn:aws:signer:us-east-1:111111111111:/signing-profiles/p/abcdefghij"}},
		CodeSigningPolicies: &types.CodeSigningPolicies{UntrustedArtifactOnDeployment: policy},
	})
	check(t, err)
	return out.CodeSigningConfig.CodeSigningConfigArn
}

func TestEnforceRefusesCodeThatIsNotSigned(t *testing.T) {
	b := newBench(t)
	c := newClient(t, b)
	enforce := b.signing(t, c, types.CodeSigningPolicyEnforce)
	b.create(t, "f")
	layer, err := c.PublishLayerVersion(t.Context(), &sdk.PublishLayerVersionInput{
		LayerName: aws.String("l"), Content: &types.LayerVersionContentInput{ZipFile: zipped("layer")},
	})
	check(t, err)
	_, err = c.PutFunctionCodeSigningConfig(t.Context(), &sdk.PutFunctionCodeSigningConfigInput{FunctionName: aws.String("f"), CodeSigningConfigArn: enforce})
	check(t, err)
	for what, call := range map[string]func() error{
		"function:g": func() error {
			_, err := c.CreateFunction(t.Context(), newFunction("g", func(in *sdk.CreateFunctionInput) { in.CodeSigningConfigArn = enforce }))
			return err
		},
		"function:f": func() error {
			_, err := c.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: zipped("two")})
			return err
		},
		"layer:l:1": func() error {
			_, err := c.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
				FunctionName: aws.String("f"), Layers: []string{*layer.LayerVersionArn},
			})
			return err
		},
	} {
		want := "CodeVerificationFailedException: Lambda cannot deploy the function. The function or layer might be signed using a signature " +
			"that the client is not configured to accept. Check the provided signature for arn:aws:lambda:us-east-1:" + account + ":" + what + "."
		if got := codeAndText(call()); got != want {
			t.Errorf("%s: %s", what, got)
		}
	}
	if out := b.invoke(t, "f", `1`); string(out.Payload) != `1` {
		t.Errorf("what ran before: %s", out.Payload)
	}
	users, err := c.ListFunctionsByCodeSigningConfig(t.Context(), &sdk.ListFunctionsByCodeSigningConfigInput{CodeSigningConfigArn: enforce})
	check(t, err)
	if len(users.FunctionArns) != 1 || users.FunctionArns[0] != prefix+"f" {
		t.Errorf("used by %v", users.FunctionArns)
	}
	_, err = c.DeleteCodeSigningConfig(t.Context(), &sdk.DeleteCodeSigningConfigInput{CodeSigningConfigArn: enforce})
	if got := codeAndText(err); !strings.HasPrefix(got, "ResourceConflictException: ") {
		t.Errorf("deleted while in use: %s", got)
	}
	_, err = c.DeleteFunctionCodeSigningConfig(t.Context(), &sdk.DeleteFunctionCodeSigningConfigInput{FunctionName: aws.String("f")})
	check(t, err)
	b.setCode(t, "f", "two")
	_, err = c.DeleteCodeSigningConfig(t.Context(), &sdk.DeleteCodeSigningConfigInput{CodeSigningConfigArn: enforce})
	check(t, err)
}

func TestWarnTakesCodeThatIsNotSignedAndLogsIt(t *testing.T) {
	var log bytes.Buffer
	b := newBench(t, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	c := newClient(t, b)
	warn := b.signing(t, c, types.CodeSigningPolicyWarn)
	_, err := c.CreateFunction(t.Context(), newFunction("f", func(in *sdk.CreateFunctionInput) { in.CodeSigningConfigArn = warn }))
	check(t, err)
	if !strings.Contains(log.String(), "no signing profile") {
		t.Errorf("log %q", log.String())
	}
	got, err := c.GetFunctionCodeSigningConfig(t.Context(), &sdk.GetFunctionCodeSigningConfigInput{FunctionName: aws.String("f")})
	check(t, err)
	if *got.CodeSigningConfigArn != *warn || *got.FunctionName != "f" {
		t.Errorf("got %+v", got)
	}
	_, err = c.TagResource(t.Context(), &sdk.TagResourceInput{Resource: warn, Tags: map[string]string{"k": "v"}})
	check(t, err)
	tags, err := c.ListTags(t.Context(), &sdk.ListTagsInput{Resource: warn})
	check(t, err)
	if tags.Tags["k"] != "v" {
		t.Errorf("tags %v", tags.Tags)
	}
	updated, err := c.UpdateCodeSigningConfig(t.Context(), &sdk.UpdateCodeSigningConfigInput{
		CodeSigningConfigArn: warn, CodeSigningPolicies: &types.CodeSigningPolicies{UntrustedArtifactOnDeployment: types.CodeSigningPolicyEnforce},
	})
	check(t, err)
	if updated.CodeSigningConfig.CodeSigningPolicies.UntrustedArtifactOnDeployment != types.CodeSigningPolicyEnforce {
		t.Errorf("updated to %+v", updated.CodeSigningConfig)
	}
}

func TestInvokeAsyncQueuesAnEvent(t *testing.T) {
	b := newBench(t)
	c := newClient(t, b)
	got := make(chan string, 1)
	b.launcher.handle("index.tell", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		got <- string(inv.Payload)
		return "null", false
	})
	b.create(t, "f", withHandler("index.tell"))
	//lint:ignore SA1019 clients still have it
	out, err := c.InvokeAsync(t.Context(), &sdk.InvokeAsyncInput{FunctionName: aws.String("f"), InvokeArgs: strings.NewReader(`{"a":1}`)})
	check(t, err)
	if event := <-got; out.Status != 202 || event != `{"a":1}` {
		t.Errorf("status %d, event %s", out.Status, event)
	}
}
