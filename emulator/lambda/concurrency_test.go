package lambda

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"postern/lambdarunner"
)

func (b *bench) reserveFor(t *testing.T, name string, n int32) {
	t.Helper()
	_, err := b.PutFunctionConcurrency(asCaller, &sdk.PutFunctionConcurrencyInput{FunctionName: &name, ReservedConcurrentExecutions: &n})
	check(t, err)
}

func (b *bench) call(name string) error {
	_, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: &name})
	return err
}

func wantThrottled(t *testing.T, err error) {
	t.Helper()
	var throttle *types.TooManyRequestsException
	if !errors.As(err, &throttle) || throttle.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded || *throttle.Message != "Rate Exceeded." {
		t.Errorf("got %v", err)
	}
}

func TestReservedConcurrencyIsTheMostThatAFunctionGets(t *testing.T) {
	b := newBench(t)
	running, finish := make(chan struct{}), make(chan struct{})
	b.launcher.handle("index.slow", func(*lambdarunner.Function, *lambdarunner.Invocation) (string, bool) {
		running <- struct{}{}
		<-finish
		return "{}", false
	})
	b.create(t, "f", withHandler("index.slow"))
	b.publish(t, "f")
	b.reserveFor(t, "f", 1)
	first := make(chan error)
	go func() { first <- b.call("f") }()
	<-running
	wantThrottled(t, b.call("f"))
	wantThrottled(t, b.call("f:1")) // versions share it
	b.reserveFor(t, "f", 2)
	go func() { first <- b.call("f") }()
	<-running
	_, err := b.DeleteFunctionConcurrency(asCaller, &sdk.DeleteFunctionConcurrencyInput{FunctionName: aws.String("f")})
	check(t, err)
	go func() { first <- b.call("f") }()
	<-running
	b.reserveFor(t, "f", 0)
	wantThrottled(t, b.call("f"))
	close(finish)
	for range 3 {
		check(t, <-first)
	}
}

func TestReservationsAreShownAndSurviveARestart(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.create(t, "g")
	b.reserveFor(t, "f", 0)
	b.reserveFor(t, "g", 300)
	b.stop()
	b.start(t)
	wantThrottled(t, b.call("f"))
	got, err := b.GetFunctionConcurrency(asCaller, &sdk.GetFunctionConcurrencyInput{FunctionName: aws.String("g")})
	check(t, err)
	fn, err := b.GetFunction(asCaller, &sdk.GetFunctionInput{FunctionName: aws.String("g")})
	check(t, err)
	account, err := b.GetAccountSettings(asCaller, &sdk.GetAccountSettingsInput{})
	check(t, err)
	if *got.ReservedConcurrentExecutions != 300 || *fn.Concurrency.ReservedConcurrentExecutions != 300 || *account.AccountLimit.UnreservedConcurrentExecutions != 700 {
		t.Errorf("%v, %v, %v", *got.ReservedConcurrentExecutions, *fn.Concurrency.ReservedConcurrentExecutions, *account.AccountLimit.UnreservedConcurrentExecutions)
	}
	_, err = b.DeleteFunctionConcurrency(asCaller, &sdk.DeleteFunctionConcurrencyInput{FunctionName: aws.String("g")})
	check(t, err)
	none, err := b.GetFunctionConcurrency(asCaller, &sdk.GetFunctionConcurrencyInput{FunctionName: aws.String("g")})
	check(t, err)
	if none.ReservedConcurrentExecutions != nil {
		t.Errorf("got %d", *none.ReservedConcurrentExecutions)
	}
}

// Errors: AWS's answers as recorded (facts: lambda §5, "Concurrency").
func TestReservationsThatAreRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.create(t, "g")
	b.reserveFor(t, "g", 300)
	for _, c := range []struct {
		name string
		fn   string
		n    int32
		want string
	}{
		{"the account's minimum", "f", 601, "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100]."},
		{"of a version", "f:1", 1, "InvalidParameterValueException: This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN."},
		{"negative", "f", -1, "ValidationException: 1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"no function", "none", 1, "ResourceNotFoundException: Function not found: " + prefix + "none:$LATEST"},
	} {
		_, err := b.PutFunctionConcurrency(asCaller, &sdk.PutFunctionConcurrencyInput{FunctionName: &c.fn, ReservedConcurrentExecutions: &c.n})
		if got := codeAndMessage(err); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	b.reserveFor(t, "f", 600)
}

// codeAndMessage is an AWS error as one text.
func codeAndMessage(err error) string {
	var failure smithy.APIError
	if !errors.As(err, &failure) {
		return "no AWS error: " + errText(err)
	}
	return failure.ErrorCode() + ": " + failure.ErrorMessage()
}

func errText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}

// Events of a function that is not to run are given up at once (recorded).
func TestEventOfAFunctionWithZeroConcurrencyGoesToItsDestination(t *testing.T) {
	told := make(chan Delivery, 1)
	b := newBench(t, func(o *Options) { o.Deliver = tellTo(told) })
	b.create(t, "f")
	b.reserveFor(t, "f", 0)
	b.configureEvents(t, "f", &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String(queueARN)}})
	b.queue(t, "request-1", `{"a":1}`)
	want := `{"version":"1.0","timestamp":"","requestContext":{"requestId":"request-1","functionArn":"` + prefix + `f:$LATEST","condition":"ZeroReservedConcurrency","approximateInvokeCount":0},"requestPayload":{"a":1}}`
	if got := undated((<-told).Body); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func tellTo(c chan Delivery) func(context.Context, Delivery) error {
	return func(_ context.Context, d Delivery) error {
		c <- d
		return nil
	}
}

// An invocation goes on when its caller leaves, and so does its part in the reservation.
func TestAnInvocationWithoutACallerCountsAgainstTheReservation(t *testing.T) {
	c := &concurrency{}
	c.ended = c.end
	c.reserved.Store(1)
	over := make(chan bool)
	pool := lambdarunner.NewPool(leaving{over}, lambdarunner.PoolOptions{})
	s := &Service{Options: Options{Pool: pool}.withDefaults()}
	run := func() error {
		_, err := s.run(t.Context(), &target{concurrency: c}, &lambdarunner.Function{}, &lambdarunner.Invocation{})
		return err
	}
	if err := run(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := run(); !errors.Is(err, errReserved) {
		t.Errorf("while it goes on: %v", err)
	}
	close(over)
	check(t, pool.Close()) // waits for it
	if n := c.running.Load(); n != 0 {
		t.Errorf("%d are counted after the end", n)
	}
}

// leaving launches sandboxes whose callers leave at once; their invocations end when the channel is closed.
type leaving struct{ over chan bool }

func (l leaving) Name() string { return "leaving" }
func (l leaving) Close() error { return nil }

func (l leaving) Launch(_ context.Context, fn *lambdarunner.Function, _ *lambdarunner.Output) (lambdarunner.Sandbox, error) {
	return leavingSandbox{&goSandbox{fn: fn, done: make(chan struct{})}, l.over}, nil
}

type leavingSandbox struct {
	*goSandbox
	over chan bool
}

func (l leavingSandbox) Invoke(context.Context, *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	return nil, &lambdarunner.Detached{Ended: l.over, Err: context.Canceled}
}
