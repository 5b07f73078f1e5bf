package lambda

import (
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/lambdarunner"
)

const queueARN = "arn:aws:sqs:us-east-1:111111111111:told"

func (b *bench) configureEvents(t *testing.T, name string, d *types.DestinationConfig) {
	t.Helper()
	_, err := b.PutFunctionEventInvokeConfig(asCaller, &sdk.PutFunctionEventInvokeConfigInput{FunctionName: &name, DestinationConfig: d})
	check(t, err)
}

var timestamp = regexp.MustCompile(`"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)

// undated is a record without its time.
func undated(b []byte) string { return timestamp.ReplaceAllString(string(b), `"timestamp":""`) }

// The records are AWS's (recorded: facts, lambda §5, "Async").
func TestDestinationsAreToldWhatBecameOfEvents(t *testing.T) {
	for _, c := range []struct {
		name      string
		succeedAt int
		success   bool
		want      string
	}{
		{"success", 1, true, `"condition":"Success","approximateInvokeCount":1},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":{}}`},
		{"success the second time", 2, true, `"condition":"Success","approximateInvokeCount":2},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":{}}`},
		{"failure", 100, false, `"condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := make(chan Delivery, 1)
			b := newBench(t, soon, func(o *Options) { o.Deliver = tellTo(told) })
			h, _ := counting(c.succeedAt)
			b.launcher.handle("index.count", h)
			b.create(t, "f", withHandler("index.count"))
			b.configureEvents(t, "f", &types.DestinationConfig{
				OnSuccess: &types.OnSuccess{Destination: aws.String(queueARN)}, OnFailure: &types.OnFailure{Destination: aws.String(queueARN)},
			})
			b.queue(t, "request-1", `{"a":1}`)
			d := <-told
			want := `{"version":"1.0","timestamp":"","requestContext":{"requestId":"request-1","functionArn":"` + prefix + `f:$LATEST",` + c.want
			if got := undated(d.Body); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if d.To != queueARN || d.RoleARN != role || d.Success != c.success {
				t.Errorf("got %+v", d)
			}
			if left := b.settle(t); left != 0 {
				t.Errorf("%d events left", left)
			}
		})
	}
}

func TestAFunctionIsToldAsAnEventOfItsOwn(t *testing.T) {
	b := newBench(t)
	got := make(chan string, 1)
	b.launcher.handle("index.told", func(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
		got <- undated(inv.Payload)
		return "{}", false
	})
	b.create(t, "f")
	b.create(t, "told", withHandler("index.told"))
	b.configureEvents(t, "f", &types.DestinationConfig{OnSuccess: &types.OnSuccess{Destination: aws.String(prefix + "told")}})
	b.queue(t, "request-1", `{"a":1}`)
	want := `{"version":"1.0","timestamp":"","requestContext":{"requestId":"request-1","functionArn":"` + prefix + `f:$LATEST","condition":"Success","approximateInvokeCount":1},` +
		`"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":{"a":1}}`
	if body := <-got; body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestRetriesAndAgeAreAsSet(t *testing.T) {
	told := make(chan Delivery, 1)
	b := newBench(t, soon, func(o *Options) { o.Deliver = tellTo(told) })
	h, runs := counting(100)
	b.launcher.handle("index.count", h)
	b.create(t, "f", withHandler("index.count"))
	d := &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String(queueARN)}}
	_, err := b.PutFunctionEventInvokeConfig(asCaller, &sdk.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), MaximumRetryAttempts: aws.Int32(0), DestinationConfig: d})
	check(t, err)
	b.queue(t, "request-1", "{}")
	<-told
	if len(runs) != 1 {
		t.Errorf("%d runs without retries", len(runs))
	}
	clock := time.Now()
	q := &queue{s: &Service{Options: Options{RetryDelays: []time.Duration{2 * time.Minute}, Now: func() time.Time { return clock }}.withDefaults()}}
	aged := &target{concurrency: &concurrency{}, async: &types.FunctionEventInvokeConfig{MaximumEventAgeInSeconds: aws.Int32(60)}}
	aged.concurrency.reserved.Store(-1)
	if o := q.judge(&event{Queued: clock}, aged, &lambdarunner.Result{FunctionError: "Unhandled"}, nil); o.condition != conditionAge {
		t.Errorf("an event that would be 2 minutes old: %+v", o)
	}
}

func TestADeadLetterQueueGetsTheEventAsItWas(t *testing.T) {
	told := make(chan Delivery, 1)
	b := newBench(t, soon, func(o *Options) { o.Deliver = tellTo(told) })
	b.launcher.handle("index.fail", func(*lambdarunner.Function, *lambdarunner.Invocation) (string, bool) {
		return `{"errorMessage":"no good","errorType":"E"}`, true
	})
	b.create(t, "f", withHandler("index.fail"), func(in *sdk.CreateFunctionInput) {
		in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String(queueARN)}
	})
	b.queue(t, "request-1", `{"a":1}`)
	d := <-told
	if string(d.Body) != `{"a":1}` || d.To != queueARN || d.Attributes["RequestID"][1] != "request-1" || d.Attributes["ErrorCode"] != [2]string{"Number", "200"} ||
		d.Attributes["ErrorMessage"][1] != "no good" {
		t.Errorf("got %+v", d)
	}
	if c := b.configuration(t, "f"); *c.DeadLetterConfig.TargetArn != queueARN {
		t.Errorf("shown as %v", c.DeadLetterConfig)
	}
	_, err := b.UpdateFunctionConfiguration(asCaller, &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), DeadLetterConfig: &types.DeadLetterConfig{}})
	check(t, err)
	if c := b.configuration(t, "f"); c.DeadLetterConfig != nil {
		t.Errorf("still %v", c.DeadLetterConfig)
	}
}

func TestEventSettingsAreOfOneQualifier(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	b.publish(t, "f")
	put := func(qualifier *string, retries int32) {
		t.Helper()
		_, err := b.PutFunctionEventInvokeConfig(asCaller, &sdk.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), Qualifier: qualifier, MaximumRetryAttempts: &retries})
		check(t, err)
	}
	put(nil, 2)
	put(aws.String("1"), 1)
	updated, err := b.UpdateFunctionEventInvokeConfig(asCaller, &sdk.UpdateFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), MaximumEventAgeInSeconds: aws.Int32(90)})
	check(t, err)
	if *updated.MaximumRetryAttempts != 2 || *updated.MaximumEventAgeInSeconds != 90 || updated.DestinationConfig.OnSuccess == nil || *updated.FunctionArn != prefix+"f:$LATEST" {
		t.Errorf("got %+v", updated)
	}
	put(nil, 0) // in place of it all
	got, err := b.GetFunctionEventInvokeConfig(asCaller, &sdk.GetFunctionEventInvokeConfigInput{FunctionName: aws.String("f")})
	check(t, err)
	if *got.MaximumRetryAttempts != 0 || got.MaximumEventAgeInSeconds != nil {
		t.Errorf("got %+v", got)
	}
	list := func(marker *string) *sdk.ListFunctionEventInvokeConfigsOutput {
		t.Helper()
		out, err := b.ListFunctionEventInvokeConfigs(asCaller, &sdk.ListFunctionEventInvokeConfigsInput{FunctionName: aws.String("f"), MaxItems: aws.Int32(1), Marker: marker})
		check(t, err)
		return out
	}
	first := list(nil)
	second := list(first.NextMarker)
	if *first.FunctionEventInvokeConfigs[0].FunctionArn != prefix+"f:$LATEST" || *second.FunctionEventInvokeConfigs[0].FunctionArn != prefix+"f:1" || second.NextMarker != nil {
		t.Errorf("got %+v, %+v", first, second)
	}
	_, err = b.DeleteFunctionEventInvokeConfig(asCaller, &sdk.DeleteFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), Qualifier: aws.String("1")})
	check(t, err)
	if left := list(nil); len(left.FunctionEventInvokeConfigs) != 1 || left.NextMarker != nil {
		t.Errorf("left %+v", left)
	}
}

// Texts are AWS's as recorded (facts: lambda §5, "Async").
func TestEventSettingsThatAreRefused(t *testing.T) {
	b := newBench(t)
	b.create(t, "f")
	put := func(in sdk.PutFunctionEventInvokeConfigInput) error {
		if in.FunctionName == nil {
			in.FunctionName = aws.String("f")
		}
		_, err := b.PutFunctionEventInvokeConfig(asCaller, &in)
		return err
	}
	to := func(success, failure string) sdk.PutFunctionEventInvokeConfigInput {
		d := &types.DestinationConfig{}
		if success != "" {
			d.OnSuccess = &types.OnSuccess{Destination: &success}
		}
		if failure != "" {
			d.OnFailure = &types.OnFailure{Destination: &failure}
		}
		return sdk.PutFunctionEventInvokeConfigInput{DestinationConfig: d}
	}
	_, notThere := b.GetFunctionEventInvokeConfig(asCaller, &sdk.GetFunctionEventInvokeConfigInput{FunctionName: aws.String("f")})
	_, notDeleted := b.DeleteFunctionEventInvokeConfig(asCaller, &sdk.DeleteFunctionEventInvokeConfigInput{FunctionName: aws.String("f")})
	_, notUpdated := b.UpdateFunctionEventInvokeConfig(asCaller, &sdk.UpdateFunctionEventInvokeConfigInput{FunctionName: aws.String("f"), MaximumRetryAttempts: aws.Int32(1)})
	_, notListed := b.ListFunctionEventInvokeConfigs(asCaller, &sdk.ListFunctionEventInvokeConfigsInput{FunctionName: aws.String("none")})
	const none = "ResourceNotFoundException: The function " + prefix + "f:$LATEST doesn't have an EventInvokeConfig"
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing", put(sdk.PutFunctionEventInvokeConfigInput{}), "InvalidParameterValueException: You must specify at least one of error handling or destination setting."},
		{"itself", put(to("", prefix+"f")), "InvalidParameterValueException: You can't specify the function as a destination for itself."},
		{"no ARN", put(to("queue", "")), "ValidationException: 1 validation error detected: Value 'queue' at 'destinationConfig.onSuccess.destination' failed to satisfy constraint: Member must satisfy regular expression pattern: " + destinationPattern.text},
		{"success to a bucket", put(to("arn:aws:s3:::b", "")), "InvalidParameterValueException: The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b), onFailure=null) is invalid."},
		{"no function", put(sdk.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("none"), MaximumRetryAttempts: aws.Int32(1)}), "ResourceNotFoundException: The function doesn't exist."},
		{"too many retries", put(sdk.PutFunctionEventInvokeConfigInput{MaximumRetryAttempts: aws.Int32(3)}), "ValidationException: 1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2"},
		{"too old", put(sdk.PutFunctionEventInvokeConfigInput{MaximumEventAgeInSeconds: aws.Int32(59)}), "ValidationException: 1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"},
		{"get nothing", notThere, none},
		{"delete nothing", notDeleted, none},
		{"update nothing", notUpdated, none},
		{"list of no function", notListed, "ResourceNotFoundException: The function doesn't exist."},
	} {
		if got := codeAndMessage(c.err); got != c.want {
			t.Errorf("%s: got %s", c.name, got)
		}
	}
}
