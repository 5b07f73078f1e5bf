package emulator_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/docker/docker/client"

	"postern/emulator"
	"postern/testdata/images"
)

// A team builds images under one tag, updates the function, and goes back to a version.
func TestAFunctionOfALocalImage(t *testing.T) {
	config := containers(t)
	cli, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cli.Close() })
	name, base := "postern-test/shop:"+rand.Text(), config.Images["python3.12"]
	entry, err := images.HandlerEntryPoint(t.Context(), cli, base)
	if err != nil {
		t.Fatal(err)
	}
	build := func(answer string) (id string) {
		t.Helper()
		dockerfile := "FROM " + base + "\nCOPY app.py /var/task/\nWORKDIR /var/task\n" + entry + `CMD ["app.handle"]`
		err := images.FromDockerfile(t.Context(), cli, name, dockerfile, map[string]string{
			"app.py": "def handle(event, context):\n    return '" + answer + " ' + event.get('name', '')\n",
		})
		if err != nil {
			t.Fatal(err)
		}
		image, err := cli.ImageInspect(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { images.Remove(context.Background(), cli, image.ID) }) // after the function is gone
		return strings.TrimPrefix(image.ID, "sha256:")
	}

	s := start(t, emulator.Config{Lambda: config})
	api := lambda.NewFromConfig(s.aws())
	first := build("first")
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("shop"), PackageType: types.PackageTypeImage, Code: &types.FunctionCode{ImageUri: &name},
		Timeout: aws.Int32(20), MemorySize: aws.Int32(256), Publish: true,
	})
	if got, _, _ := s.invoke(t, "shop", `{"name":"you"}`); got != `"first you"` {
		t.Errorf("got %s", got)
	}
	second := build("second")
	if got, _, _ := s.invoke(t, "shop", `{}`); got != `"first "` {
		t.Errorf("a new build before the update: %s", got)
	}
	if _, err := api.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: aws.String("shop"), ImageUri: &name}); err != nil {
		t.Fatal(err)
	}
	get := &lambda.GetFunctionInput{FunctionName: aws.String("shop")}
	if err := lambda.NewFunctionUpdatedV2Waiter(api).Wait(t.Context(), get, time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := s.invoke(t, "shop", `{}`); got != `"second "` {
		t.Errorf("after the update: %s", got)
	}
	if got, _, _ := s.invoke(t, "shop:1", `{}`); got != `"first "` {
		t.Errorf("the version: %s", got)
	}
	for qualifier, digest := range map[string]string{"$LATEST": second, "1": first} {
		out, err := api.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("shop"), Qualifier: aws.String(qualifier)})
		if err != nil {
			t.Fatal(err)
		}
		if *out.Code.ImageUri != name || *out.Code.ResolvedImageUri != "postern-test/shop@sha256:"+digest || *out.Configuration.CodeSha256 != digest {
			t.Errorf("%s: %s, %s, %s", qualifier, *out.Code.ImageUri, *out.Code.ResolvedImageUri, *out.Configuration.CodeSha256)
		}
	}
}
