package lambda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"postern/emulator/eventsource"
	"postern/emulator/store"
	"postern/lambdarunner"
)

// sendingOn makes calls as an SDK in a function does: with the trace header that the function got.
func sendingOn(header string) func(*sdk.Options) {
	return func(o *sdk.Options) {
		o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Amzn-Trace-Id", header))
	}
}

// loop makes a function that invokes itself until it is told not to, or most times, and says how often it ran.
func (b *bench) loop(t *testing.T, how types.InvocationType, most int32) (c *sdk.Client, runs *atomic.Int32, last chan error) {
	c, runs, last = newClient(t, b), new(atomic.Int32), make(chan error, 1)
	b.launcher.handle("index.loop", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		if runs.Add(1) >= most {
			last <- nil
			return "null", false
		}
		_, err := c.Invoke(context.Background(), &sdk.InvokeInput{FunctionName: aws.String("f"), InvocationType: how}, sendingOn(inv.TraceID))
		if err != nil {
			last <- err
		}
		return "null", false
	})
	b.create(t, "f", withHandler("index.loop"))
	return c, runs, last
}

func TestALoopIsEndedAfterSixteenInvocations(t *testing.T) {
	c, runs, last := newBench(t).loop(t, types.InvocationTypeRequestResponse, 40)
	_, err := c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f")})
	check(t, err)
	var stopped *types.RecursiveInvocationException
	if err := <-last; !errors.As(err, &stopped) || *stopped.Type != "User" || !strings.Contains(*stopped.Message, "recursive loop") {
		t.Error(err)
	}
	if n := runs.Load(); n != 16 {
		t.Errorf("it ran %d times", n)
	}
}

func TestALoopThatIsAllowedGoesOn(t *testing.T) {
	c, runs, last := newBench(t).loop(t, types.InvocationTypeRequestResponse, 20)
	_, err := c.PutFunctionRecursionConfig(t.Context(), &sdk.PutFunctionRecursionConfigInput{FunctionName: aws.String("f"), RecursiveLoop: types.RecursiveLoopAllow})
	check(t, err)
	_, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f")})
	check(t, err)
	if err := <-last; err != nil || runs.Load() != 20 {
		t.Errorf("it ran %d times: %v", runs.Load(), err)
	}
}

// An asynchronous loop ends at a dead-letter queue.
func TestAnAsynchronousLoopEndsAtTheDeadLetterQueue(t *testing.T) {
	dropped := make(chan Delivery, 1)
	b := newBench(t, func(o *Options) {
		o.Deliver = func(_ context.Context, d Delivery) error {
			dropped <- d
			return nil
		}
	})
	c, runs, _ := b.loop(t, types.InvocationTypeEvent, 40)
	_, err := c.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("f"), DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String("arn:aws:sqs:us-east-1:111111111111:q")},
	})
	check(t, err)
	_, err = c.Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent})
	check(t, err)
	if d := <-dropped; !strings.HasSuffix(d.To, ":q") || string(d.Body) != "{}" || runs.Load() != 16 {
		t.Errorf("after %d runs %+v", runs.Load(), d)
	}
}

// The poller of a queue learns that it is no use to try at once again. (Developer Guide, "Use Lambda recursive loop detection".)
func TestALoopThroughAQueueIsRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	r, err := splitName(prefix+"f", store.Scope{})
	check(t, err)
	for n, refused := range map[int]bool{14: false, 15: true} {
		event := fmt.Sprintf(`{"Records":[{"attributes":{"AWSTraceHeader":"Root=1;Lineage=%s:%d"}}]}`, lineageOf(r.function()), n)
		if _, err := b.runEvent(t.Context(), r, []byte(event)); errors.Is(err, eventsource.ErrRefused) != refused {
			t.Errorf("after %d: %v", n, err)
		}
	}
}

func TestLineageCountsEachFunctionOfAChain(t *testing.T) {
	for _, c := range []struct{ header, want string }{
		{"Root=1-2-3", "Root=1-2-3;Lineage=ab:0"},
		{"Root=1-2-3;Lineage=ab:0;Sampled=0", "Root=1-2-3;Lineage=ab:1;Sampled=0"},
		{"Root=1-2-3;Lineage=cd:7", "Root=1-2-3;Lineage=cd:7|ab:0"},
		{"Root=1-2-3;Lineage=cd:7|ab:14|ef:1", "Root=1-2-3;Lineage=cd:7|ab:15|ef:1"},
		{"Root=1-2-3;Lineage=ab:15", errRecursive.Error()},
		{"Root=1-2-3;Lineage=ab:x", "Root=1-2-3;Lineage=ab:1"},
	} {
		got, err := (&target{lineage: "ab", first: lineagePart + "ab:0"}).trace(c.header)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s", c.header, got)
		}
	}
	if got := unchained("Root=1-2-3;Lineage=ab:1;Sampled=0"); got != "Root=1-2-3;Sampled=0" {
		t.Error(got)
	}
	event := `{"Records":[{"attributes":{"AWSTraceHeader":"Root=1;Lineage=ab:1"}},{"attributes":{"AWSTraceHeader":"Root=2;Lineage=ab:3"}}]}`
	if got := sentTrace([]byte(event)); got != "Root=2;Lineage=ab:3" {
		t.Error(got)
	}
}
