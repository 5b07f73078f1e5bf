package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"postern/emulator/wire"
)

// newClient is AWS's own client, connected to b over HTTP.
func newClient(t *testing.T, b *bench) *sdk.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/_postern/lambda/", b.Handler())
	mux.Handle("/", wire.NewMux(wire.Options{
		Services: []wire.Service{b.Wire()}, Logger: slog.New(slog.DiscardHandler), DefaultRegion: region,
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return sdk.New(sdk.Options{
		Region: region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "x"}, nil
		}),
	})
}

func TestWaitersOfTheSDKAreSatisfied(t *testing.T) {
	c := newClient(t, newBench(t))
	created, err := c.CreateFunction(t.Context(), newFunction("f"))
	check(t, err)
	if created.State != types.StatePending {
		t.Errorf("created in state %s", created.State)
	}
	get := &sdk.GetFunctionInput{FunctionName: aws.String("f")}
	check(t, sdk.NewFunctionExistsWaiter(c).Wait(t.Context(), get, time.Minute))
	check(t, sdk.NewFunctionActiveV2Waiter(c).Wait(t.Context(), get, time.Minute))
	configuration := &sdk.GetFunctionConfigurationInput{FunctionName: aws.String("f")}
	check(t, sdk.NewFunctionActiveWaiter(c).Wait(t.Context(), configuration, time.Minute))
	updated, err := c.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), Timeout: aws.Int32(9)})
	check(t, err)
	if updated.LastUpdateStatus != types.LastUpdateStatusInProgress {
		t.Errorf("updated with status %s", updated.LastUpdateStatus)
	}
	check(t, sdk.NewFunctionUpdatedV2Waiter(c).Wait(t.Context(), get, time.Minute))
	check(t, sdk.NewFunctionUpdatedWaiter(c).Wait(t.Context(), configuration, time.Minute))
	_, err = c.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("f")})
	check(t, err)
	configuration.Qualifier = aws.String("1")
	check(t, sdk.NewPublishedVersionActiveWaiter(c).Wait(t.Context(), configuration, time.Minute))
}

func TestClientInvokesAndFetchesTheCode(t *testing.T) {
	c := newClient(t, newBench(t))
	_, err := c.CreateFunction(t.Context(), newFunction("f", func(in *sdk.CreateFunctionInput) { in.Tags = map[string]string{"k": "v"} }))
	check(t, err)
	out, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f"), Payload: []byte(`{"a":"é"}`), LogType: types.LogTypeTail})
	check(t, err)
	if out.StatusCode != 200 || string(out.Payload) != `{"a":"é"}` || *out.ExecutedVersion != "$LATEST" || out.FunctionError != nil {
		t.Errorf("got %+v", out)
	}
	if log, _ := base64.StdEncoding.DecodeString(*out.LogResult); !strings.HasPrefix(string(log), "START RequestId: ") {
		t.Errorf("log %q", log)
	}
	for how, status := range map[types.InvocationType]int32{types.InvocationTypeEvent: 202, types.InvocationTypeDryRun: 204} {
		out, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f"), InvocationType: how})
		check(t, err)
		if out.StatusCode != status || len(out.Payload) != 0 || out.ExecutedVersion != nil {
			t.Errorf("%s: got %+v", how, out)
		}
	}
	fn, err := c.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	resp, err := http.Get(*fn.Code.Location)
	check(t, err)
	defer resp.Body.Close()
	if zip, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(zip, zipped("one")) || fn.Tags["k"] != "v" {
		t.Errorf("fetched %d bytes, %v; tags %v", len(zip), err, fn.Tags)
	}
	deleted, err := c.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("f")})
	check(t, err)
	if deleted.StatusCode != 204 {
		t.Errorf("deleted with %d", deleted.StatusCode)
	}
}

func TestErrorsReachTheClientWithTheirTypes(t *testing.T) {
	c := newClient(t, newBench(t))
	_, err := c.CreateFunction(t.Context(), newFunction("f"))
	check(t, err)
	_, err = c.CreateFunction(t.Context(), newFunction("f"))
	if conflict := (*types.ResourceConflictException)(nil); !errors.As(err, &conflict) || *conflict.Type != "User" || *conflict.Message != "Function already exist: f" {
		t.Error(err)
	}
	_, err = c.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("none")})
	if missing := (*types.ResourceNotFoundException)(nil); !errors.As(err, &missing) || *missing.Message != "Function not found: "+prefix+"none" {
		t.Error(err)
	}
	_, err = c.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("f"), RevisionId: aws.String("wrong")})
	if stale := (*types.PreconditionFailedException)(nil); !errors.As(err, &stale) {
		t.Error(err)
	}
	for want, call := range map[string]func() error{
		"ValidationException": func() error {
			_, err := c.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("no!")})
			return err
		},
		"InvalidParameterValueException": func() error { // not the ValidationException of other enums
			_, err := c.CreateFunction(t.Context(), newFunction("g", func(in *sdk.CreateFunctionInput) { in.Runtime = "basic" }))
			return err
		},
		"RequestEntityTooLargeException": func() error {
			_, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f"), Payload: make([]byte, maxSyncPayload+1)})
			return err
		},
	} {
		var e smithy.APIError
		if err := call(); !errors.As(err, &e) || e.ErrorCode() != want {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// That of starting positions is recorded (2025-02); the order of the others' values is not.
func TestWrongValuesOfEnumsAreRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	c := newClient(t, b)
	_, invoked := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f"), InvocationType: "Later", LogType: "Head"})
	_, mapped := c.CreateEventSourceMapping(t.Context(), &sdk.CreateEventSourceMappingInput{FunctionName: aws.String("f"), StartingPosition: "0"})
	for want, err := range map[string]error{
		"ValidationException: 2 validation errors detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [DryRun, Event, RequestResponse]; " +
			"Value 'Head' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [Tail, None]": invoked,
		"ValidationException: 1 validation error detected: Value '0' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]": mapped,
	} {
		if got := codeAndText(err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestPaginatorsReachEveryFunction(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"a", "b", "c"} {
		b.create(t, name)
	}
	n := 0
	for p := sdk.NewListFunctionsPaginator(newClient(t, b), &sdk.ListFunctionsInput{MaxItems: aws.Int32(2)}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		check(t, err)
		n += len(page.Functions)
	}
	if n != 3 {
		t.Errorf("%d functions", n)
	}
}
