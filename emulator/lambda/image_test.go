package lambda

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"postern/lambdarunner"
)

// shelf is an engine that has images by name, and a registry that has others.
type shelf struct {
	here, there map[string]string // name to digest
	fetch       chan error        // what becomes of a pull; nil: nothing may be pulled
}

func (s *shelf) FindImage(_ context.Context, uri, architecture string) (lambdarunner.Image, error) {
	name, _, _ := strings.Cut(uri, ":")
	digest := s.here[uri]
	img := lambdarunner.Image{URI: uri, Digest: digest, Resolved: name + "@sha256:" + digest, Pin: "sha256:" + digest}
	switch {
	case strings.ToLower(uri) != uri:
		return img, lambdarunner.ErrBadImage
	case digest != "" && architecture != "x86_64":
		return img, lambdarunner.ErrImageArchitecture
	case digest != "":
		return img, nil
	case s.there[uri] == "":
		return img, lambdarunner.ErrNoImage
	}
	img.Digest = s.there[uri]
	img.Resolved = name + "@sha256:" + img.Digest
	img.Pin = img.Resolved
	return img, nil
}

func (s *shelf) FetchImage(ctx context.Context, img lambdarunner.Image, _ string) error {
	select {
	case err := <-s.fetch:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newShelf has x:1 in the engine, and x:far in a registry.
func newShelf() *shelf {
	return &shelf{
		here:  map[string]string{"x:1": strings.Repeat("1", 64), "x:2": strings.Repeat("2", 64)},
		there: map[string]string{"x:far": strings.Repeat("f", 64)}, fetch: make(chan error),
	}
}

func withImages(s *shelf) func(*Options) { return func(o *Options) { o.Images = s } }

// ofImage makes a new function one of an image.
func ofImage(uri string) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) {
		in.PackageType, in.Runtime, in.Handler = types.PackageTypeImage, "", nil
		in.Code = &types.FunctionCode{ImageUri: aws.String(uri)}
	}
}

func TestAFunctionOfAnImageLooksAsOnAWS(t *testing.T) {
	b := newBench(t, withImages(newShelf()))
	created, err := b.CreateFunction(asCaller, newFunction("f", ofImage("x:1"), func(in *sdk.CreateFunctionInput) {
		in.ImageConfig = &types.ImageConfig{EntryPoint: []string{"/run"}, Command: []string{"app.handler"}, WorkingDirectory: aws.String("/app")}
	}))
	check(t, err)
	if created.State != types.StatePending || created.PackageType != types.PackageTypeImage {
		t.Errorf("created as %s, %s", created.PackageType, created.State)
	}
	got, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	c := got.Configuration
	if c.State != types.StateActive || c.CodeSize != 0 || *c.CodeSha256 != strings.Repeat("1", 64) || c.Runtime != "" || c.Handler != nil || c.RuntimeVersionConfig != nil {
		t.Errorf("configured %+v", c)
	}
	if l := got.Code; *l.RepositoryType != "ECR" || *l.ImageUri != "x:1" || *l.ResolvedImageUri != "x@sha256:"+strings.Repeat("1", 64) || l.Location != nil {
		t.Errorf("code %+v", got.Code)
	}
	if own := c.ImageConfigResponse.ImageConfig; own.EntryPoint[0] != "/run" || own.Command[0] != "app.handler" || *own.WorkingDirectory != "/app" {
		t.Errorf("image configuration %+v", own)
	}
	_, err = b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), ImageConfig: &types.ImageConfig{}})
	check(t, err)
	if own := b.configuration(t, "f").ImageConfigResponse; own != nil {
		t.Errorf("emptied, it is %+v", own)
	}
}

func TestVersionsKeepTheirImage(t *testing.T) {
	s := newShelf()
	b := newBench(t, withImages(s))
	ran := map[string]string{}
	b.launcher.handle("", func(fn *lambdarunner.Function, _ *lambdarunner.Invocation) (string, bool) {
		ran[fn.Version] = fn.Image.Pin
		return "1", false
	})
	_, err := b.CreateFunction(asCaller, newFunction("f", ofImage("x:1"), func(in *sdk.CreateFunctionInput) { in.Publish = true }))
	check(t, err)
	s.here["x:1"] = strings.Repeat("3", 64) // tagged anew
	for _, update := range []bool{false, true} {
		if update {
			_, err := b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ImageUri: aws.String("x:1")})
			check(t, err)
		}
		for _, version := range []string{"$LATEST", "1"} {
			_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("f"), Qualifier: aws.String(version)})
			check(t, err)
		}
		want := map[string]string{"$LATEST": "sha256:" + strings.Repeat("1", 64), "1": "sha256:" + strings.Repeat("1", 64)}
		if update {
			want["$LATEST"] = "sha256:" + strings.Repeat("3", 64)
		}
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Errorf("updated: %t: %s", update, diff)
		}
	}
}

func TestErrorsAboutImages(t *testing.T) {
	b := newBench(t, withImages(newShelf()))
	_, err := b.CreateFunction(asCaller, newFunction("there", ofImage("x:1")))
	check(t, err)
	create := func(uri string, change ...func(*sdk.CreateFunctionInput)) func() error {
		return func() error {
			_, err := b.CreateFunction(asCaller, newFunction("f", append([]func(*sdk.CreateFunctionInput){ofImage(uri)}, change...)...))
			return err
		}
	}
	const capture, recorded, ours = "public captures", "recorded of AWS", "Postern's own text"
	for _, c := range []struct {
		name, source string
		do           func() error
		want         string
	}{
		{"one that is nowhere", capture, create("none:1"),
			"Source image none:1 does not exist. Provide a valid source image. (Postern: no such image)"},
		{"no name of an image", capture, create("X:1"), "Source image X:1 is not valid. Provide a valid source image."},
		{"one for another architecture", ours, create("x:1", func(in *sdk.CreateFunctionInput) { in.Architectures = []types.Architecture{"arm64"} }),
			"Source image x:1 is not valid. Provide a valid source image. (Postern: the image is for another architecture)"},
		{"a layer", capture, create("x:1", func(in *sdk.CreateFunctionInput) {
			in.Layers = []string{"arn:aws:lambda:us-east-1:111111111111:layer:l:1"}
		}), "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."},
		{"a package instead", ours, create("x:1", func(in *sdk.CreateFunctionInput) { in.Code = &types.FunctionCode{ZipFile: zipped("x")} }),
			"Please provide ImageUri, and nothing else, as the code of a function with packageType Image."},
		{"an update to a package", recorded, func() error {
			_, err := b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("there"), ZipFile: zipped("x")})
			return err
		}, "Please provide ImageUri when updating a function with packageType Image."},
		{"an update with a handler", capture, func() error {
			_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("there"), Handler: aws.String("a.b")})
			return err
		}, "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."},
	} {
		var e smithy.APIError
		if err := c.do(); !errors.As(err, &e) || e.ErrorCode() != "InvalidParameterValueException" || e.ErrorMessage() != c.want {
			t.Errorf("%s (source: %s)\n got %v\nwant %s", c.name, c.source, err, c.want)
		}
	}
}

func TestAFunctionIsPendingUntilItsImageIsPulled(t *testing.T) {
	s := newShelf()
	b := newBench(t, withImages(s), func(o *Options) { o.CloseGrace = time.Minute })
	b.launcher.handle("", echo)
	restart := func() { b.stop(); b.start(t) } // which waits for what is under way
	get := func(name, qualifier string) *types.FunctionConfiguration {
		out, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: &name, Qualifier: &qualifier})
		check(t, err)
		return out.Configuration
	}
	for name, failure := range map[string]error{"good": nil, "bad": errors.New("no space left on device")} {
		_, err := b.CreateFunction(asCaller, newFunction(name, ofImage("x:far"), func(in *sdk.CreateFunctionInput) { in.Publish = true }))
		check(t, err)
		refused(t, b, name, "The operation cannot be performed at this time. The function is currently in the following state: Pending")
		_, err = b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: &name, ImageUri: aws.String("x:1")})
		if e := (*types.ResourceConflictException)(nil); !errors.As(err, &e) {
			t.Errorf("updated while it is pending: %v", err)
		}
		s.fetch <- failure
		restart()
		for _, version := range []string{"$LATEST", "1"} {
			c := get(name, version)
			if failure == nil && c.State != types.StateActive || failure != nil && (c.State != types.StateFailed || *c.StateReason != failure.Error() || c.StateReasonCode != types.StateReasonCodeInvalidImage) {
				t.Errorf("%s:%s is %s: %s", name, version, c.State, aws.ToString(c.StateReason))
			}
		}
	}
	refused(t, b, "bad", "The operation cannot be performed at this time. The function is currently in the following state: Failed")
	_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: aws.String("good")})
	check(t, err)

	s.there["x:far"] = strings.Repeat("e", 64)
	_, err = b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("good"), ImageUri: aws.String("x:far")})
	check(t, err)
	s.fetch <- errors.New("unauthorized")
	restart()
	if c := get("good", "$LATEST"); c.LastUpdateStatus != types.LastUpdateStatusFailed || c.State != types.StateActive || *c.CodeSha256 != strings.Repeat("f", 64) {
		t.Errorf("after an update that failed: %s, %s, %s", c.State, c.LastUpdateStatus, *c.CodeSha256)
	}
}

func TestAStartGoesOnWithAPull(t *testing.T) {
	s := newShelf()
	b := newBench(t, withImages(s), func(o *Options) { o.CloseGrace = time.Nanosecond })
	_, err := b.CreateFunction(asCaller, newFunction("f", ofImage("x:far")))
	check(t, err)
	b.stop() // in the middle of it
	b.options.CloseGrace = time.Minute
	b.start(t)
	s.fetch <- nil
	b.stop()
	b.start(t)
	if c := b.configuration(t, "f"); c.State != types.StateActive {
		t.Errorf("it is %s", c.State)
	}
}

// refused invokes a function that must not run now.
func refused(t *testing.T, b *bench, name, want string) {
	t.Helper()
	_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: &name})
	var e *types.ResourceConflictException
	if !errors.As(err, &e) || *e.Message != want {
		t.Errorf("%s: got %v, want %s", name, err, want)
	}
}
