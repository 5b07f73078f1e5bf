package emulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"postern/emulator"
	"postern/emulator/eventsource/streamtest"
)

const (
	kinesisARN  = "arn:aws:kinesis:us-east-1:000000000000:stream/clicks"
	dynamoDBARN = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-01-01T00:00:00.000"
)

// asks is a function that asks a server what to say, and fails when that does.
const asks = `
import json, os, socket
def handler(event, context):
    host, port = os.environ["ASKED"].removeprefix("http://").split(":")
    body = json.dumps(event).encode()
    with socket.create_connection((host, int(port))) as s:
        s.sendall(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head, answer = b"".join(iter(lambda: s.recv(65536), b"")).split(b"\r\n\r\n", 1)
    assert b" 200 " in head, head
    return json.loads(answer)
`

// An asked server says what the function says, and tells what events there are.
type asked struct {
	*httptest.Server
	events chan map[string]any
	status chan int // of the answers, 200 once there are no more
}

func newAsked(t *testing.T) *asked {
	a := &asked{events: make(chan map[string]any, 100), status: make(chan int, 100)}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event map[string]any
		json.NewDecoder(r.Body).Decode(&event)
		select {
		case status := <-a.status:
			w.WriteHeader(status)
		default:
		}
		a.events <- event
		io.WriteString(w, "null")
	}))
	t.Cleanup(a.Close)
	return a
}

// next are the records of the next event.
func (a *asked) next(t *testing.T) []any {
	t.Helper()
	select {
	case event := <-a.events:
		return event["Records"].([]any)
	case <-time.After(30 * time.Second):
		t.Fatal("no event comes")
		return nil
	}
}

func (a *asked) function(t *testing.T, s *server) {
	t.Helper()
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("worker"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role),
		Environment: &types.Environment{Variables: map[string]string{"ASKED": a.URL}},
		Code:        &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(asks)})},
	})
}

// readStream maps a stream to a function, with what else config has.
func readStream(t *testing.T, stream *streamtest.Stream, endpoint, signing string, endpoints map[string]string, in *lambda.CreateEventSourceMappingInput, change ...func(*emulator.Config)) (*server, *asked, *lambda.CreateEventSourceMappingOutput) {
	t.Helper()
	needProgram(t, "python3")
	p := newPeer(t, stream.ServeHTTP)
	all := map[string]string{endpoint: p.URL}
	for name, at := range endpoints {
		all[name] = at
	}
	config := emulator.Config{Lambda: processes(t), ServiceEndpoints: all}
	for _, f := range change {
		f(&config)
	}
	s := start(t, config)
	p.verify(s, signing)
	a := newAsked(t)
	a.function(t, s)
	in.FunctionName, in.EventSourceArn = aws.String("worker"), &stream.ARN
	out, err := lambda.NewFromConfig(s.aws()).CreateEventSourceMapping(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return s, a, out
}

func dataOf(record any) any { return record.(map[string]any)["kinesis"].(map[string]any)["data"] }

// What is answered is as recorded (facts: lambda §8).
func TestAFunctionGetsTheRecordsOfAKinesisStream(t *testing.T) {
	stream := streamtest.New(kinesisARN, "shardId-000000000000", "shardId-000000000001", "shardId-000000000002")
	stream.PutAt("shardId-000000000002", "k", "old", time.Now().Add(-time.Minute))
	s, a, out := readStream(t, stream, "kinesis", "kinesis", nil, &lambda.CreateEventSourceMappingInput{StartingPosition: types.EventSourcePositionLatest, Tags: map[string]string{"a": "b"}})
	want := &lambda.CreateEventSourceMappingOutput{
		BatchSize: aws.Int32(100), MaximumBatchingWindowInSeconds: aws.Int32(0), ParallelizationFactor: aws.Int32(1), MaximumRecordAgeInSeconds: aws.Int32(-1),
		MaximumRetryAttempts: aws.Int32(-1), BisectBatchOnFunctionError: aws.Bool(false), TumblingWindowInSeconds: aws.Int32(0),
		DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{}}, FunctionResponseTypes: []types.FunctionResponseType{}, StartingPosition: "LATEST",
		LastProcessingResult: aws.String("No records processed"), StateTransitionReason: aws.String("User action"), State: aws.String("Creating"),
		EventSourceArn: aws.String(kinesisARN), FunctionArn: aws.String("arn:aws:lambda:us-east-1:000000000000:function:worker"),
		UUID: out.UUID, LastModified: out.LastModified, EventSourceMappingArn: aws.String("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + *out.UUID),
	}
	if diff := cmp.Diff(want, out, cmpopts.IgnoreUnexported(*out, types.DestinationConfig{}, types.OnFailure{}), cmpopts.IgnoreFields(*out, "ResultMetadata")); diff != "" {
		t.Error(diff)
	}

	stream.Put("shardId-000000000002", "k", "new")
	record := a.next(t)[0].(map[string]any)
	if dataOf(record) != "bmV3" || record["invokeIdentityArn"] != role || record["eventID"] != "shardId-000000000002:1002" {
		t.Errorf("got %v", record)
	}

	client := lambda.NewFromConfig(s.aws())
	tags, err := client.ListTags(t.Context(), &lambda.ListTagsInput{Resource: out.EventSourceMappingArn})
	if err != nil || tags.Tags["a"] != "b" {
		t.Errorf("tags are %v, %v", tags, err)
	}
	enable := func(enabled bool, want string) {
		t.Helper()
		got, err := client.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: out.UUID, Enabled: &enabled})
		if err != nil || *got.State != want || got.StartingPosition != "LATEST" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	enable(false, "Disabling")
	stream.Put("shardId-000000000002", "k", "later") // is not missed
	got, err := client.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: out.UUID})
	if err != nil || *got.State != "Disabled" || *got.LastProcessingResult != "OK" {
		t.Errorf("got %+v, %v", got, err)
	}
	enable(true, "Enabling")
	if record := a.next(t)[0]; dataOf(record) != "bGF0ZXI=" {
		t.Errorf("got %v", record)
	}
	deleted, err := client.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: out.UUID})
	if err != nil || *deleted.State != "Deleting" {
		t.Errorf("got %+v, %v", deleted, err)
	}
}

// DynamoDB Streams answer where DynamoDB does, unless they have an endpoint of their own.
func TestAFunctionGetsTheChangesOfATable(t *testing.T) {
	stream := streamtest.New(dynamoDBARN, "shardId-00000001545084650000-00000000")
	stream.Put("shardId-00000001545084650000-00000000", "a", "x")
	_, a, _ := readStream(t, stream, "dynamodb", "dynamodb", nil, &lambda.CreateEventSourceMappingInput{StartingPosition: types.EventSourcePositionTrimHorizon})
	record := a.next(t)[0].(map[string]any)
	change := record["dynamodb"].(map[string]any)
	if record["eventSourceARN"] != dynamoDBARN || record["eventName"] != "INSERT" || !cmp.Equal(change["Keys"], any(map[string]any{"id": map[string]any{"S": "a"}})) {
		t.Errorf("got %v", record)
	}
}

// A batch that fails is told about once its retries are used up, as recorded (facts: lambda §8); to a bucket with the
// event ("Retain discarded batch records": S3).
func TestDiscardedRecordsAreToldToEveryKindOfDestination(t *testing.T) {
	for _, c := range []struct {
		signing, arn, answer string
		wanted               func(told) bool
		record               func(told) string
	}{
		{"sqs", "arn:aws:sqs:us-east-1:000000000000:told", queueAnswer,
			func(r told) bool { return r.form.Get("Action") == "SendMessage" }, func(r told) string { return r.form.Get("MessageBody") }},
		{"sns", "arn:aws:sns:us-east-1:000000000000:told", "",
			func(r told) bool { return r.form.Get("Action") == "Publish" }, func(r told) string { return r.form.Get("Message") }},
		{"s3", "arn:aws:s3:::told", "",
			func(r told) bool { return true }, func(r told) string { return r.body }},
	} {
		t.Run(c.signing, func(t *testing.T) {
			stream := streamtest.New(kinesisARN, "s0")
			at := time.Now().Truncate(time.Second).Add(-500 * time.Millisecond).UTC()
			stream.PutAt("s0", "k", "a", at)
			stream.PutAt("s0", "k", "b", at.Add(time.Millisecond))
			peer, got := listen(t, c.wanted, c.answer)
			s, a, out := readStream(t, stream, "kinesis", "kinesis", map[string]string{c.signing: peer.URL}, &lambda.CreateEventSourceMappingInput{
				StartingPosition: types.EventSourcePositionTrimHorizon, MaximumRetryAttempts: aws.Int32(1), Enabled: aws.Bool(false),
				DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: &c.arn}},
			})
			peer.verify(s, c.signing)
			a.status <- 500
			a.status <- 500
			if _, err := lambda.NewFromConfig(s.aws()).UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: out.UUID, Enabled: aws.Bool(true)}); err != nil {
				t.Fatal(err)
			}
			r := <-got
			if _, _, signed := peer.last(); signed == nil || signed.Token == "" {
				t.Errorf("signed %+v", signed)
			}
			var record map[string]any
			if err := json.Unmarshal([]byte(c.record(r)), &record); err != nil {
				t.Fatalf("%v in %+v", err, r)
			}
			if c.signing == "s3" {
				if !strings.HasPrefix(r.path, "/told/aws/lambda/"+*out.UUID+"/s0/20") || !strings.Contains(record["payload"].(string), `"data":"YQ=="`) {
					t.Errorf("got %+v", r)
				}
				delete(record, "payload")
			}
			context := record["requestContext"].(map[string]any)
			if context["requestId"] == "" || record["timestamp"] == nil {
				t.Errorf("got %v", record)
			}
			delete(context, "requestId")
			delete(record, "timestamp")
			want := map[string]any{
				"requestContext": map[string]any{
					"functionArn": "arn:aws:lambda:us-east-1:000000000000:function:worker", "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2.0,
				},
				"responseContext": map[string]any{"statusCode": 200.0, "executedVersion": "$LATEST", "functionError": "Unhandled"},
				"version":         "1.0",
				"KinesisBatchInfo": map[string]any{
					"shardId": "s0", "startSequenceNumber": "1001", "endSequenceNumber": "1002", "batchSize": 2.0, "streamArn": kinesisARN,
					"approximateArrivalOfFirstRecord": at.Format("2006-01-02T15:04:05.000Z"), "approximateArrivalOfLastRecord": at.Add(time.Millisecond).Format("2006-01-02T15:04:05.000Z"),
				},
			}
			if diff := cmp.Diff(want, record); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A restart goes on where it was, also where nothing was read before it.
func TestStreamsAreReadOnAfterARestart(t *testing.T) {
	needProgram(t, "python3")
	stream := streamtest.New(kinesisARN, "s0")
	peer := httptest.NewServer(stream)
	t.Cleanup(peer.Close)
	a := newAsked(t)
	config := emulator.Config{Lambda: processes(t), DataDir: t.TempDir(), ServiceEndpoints: map[string]string{"kinesis": peer.URL}}
	run := func(use func(*server)) {
		s := start(t, config)
		use(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run(func(s *server) {
		a.function(t, s)
		_, err := lambda.NewFromConfig(s.aws()).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{
			FunctionName: aws.String("worker"), EventSourceArn: aws.String(kinesisARN), StartingPosition: types.EventSourcePositionLatest,
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	for data, want := range map[string]string{"a": "YQ==", "b": "Yg=="} {
		stream.Put("s0", "k", data)
		run(func(*server) {
			if records := a.next(t); len(records) != 1 || dataOf(records[0]) != want {
				t.Errorf("got %v, want %s", records, want)
			}
		})
	}
}

// throttles tell of lines of the log that say that records are tried again.
type throttles chan struct{}

func (w throttles) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "records will be tried again") && strings.Contains(string(line), "reserved concurrency") {
		select {
		case w <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

// A function that is throttled gets its records later.
func TestRecordsWaitForAThrottledFunction(t *testing.T) {
	throttled := make(throttles, 1)
	stream := streamtest.New(kinesisARN, "s0")
	stream.Put("s0", "k", "a")
	s, a, out := readStream(t, stream, "kinesis", "kinesis", nil, &lambda.CreateEventSourceMappingInput{
		StartingPosition: types.EventSourcePositionTrimHorizon, MaximumRetryAttempts: aws.Int32(0), Enabled: aws.Bool(false),
	}, func(c *emulator.Config) { c.Logger = slog.New(slog.NewTextHandler(throttled, nil)) })
	client := lambda.NewFromConfig(s.aws())
	if _, err := client.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: aws.String("worker"), ReservedConcurrentExecutions: aws.Int32(0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: out.UUID, Enabled: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	<-throttled
	got, err := client.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: out.UUID})
	if err != nil || *got.LastProcessingResult != "PROBLEM: Function call failed" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := client.DeleteFunctionConcurrency(t.Context(), &lambda.DeleteFunctionConcurrencyInput{FunctionName: aws.String("worker")}); err != nil {
		t.Fatal(err)
	}
	if records := a.next(t); len(records) != 1 {
		t.Errorf("got %v", records)
	}
}

// Texts are AWS's as recorded (facts: lambda §8) where the case is marked so; the others are ours.
func TestMappingsOfStreamsThatAreRefused(t *testing.T) {
	stream := streamtest.New(kinesisARN, "s0")
	table := httptest.NewServer(streamtest.New(dynamoDBARN, "s0"))
	t.Cleanup(table.Close)
	s, _, out := readStream(t, stream, "kinesis", "kinesis", map[string]string{"dynamodb": table.URL}, &lambda.CreateEventSourceMappingInput{StartingPosition: types.EventSourcePositionTrimHorizon})
	client := lambda.NewFromConfig(s.aws())
	unsupported := func(name string) string {
		return "Unsupported " + name + " parameter for given event source mapping type."
	}
	none := "arn:aws:kinesis:us-east-1:000000000000:stream/none"
	for _, c := range []struct {
		name   string
		change func(*lambda.CreateEventSourceMappingInput)
		code   string
		want   string
	}{
		{"recorded: twice", func(*lambda.CreateEventSourceMappingInput) {}, "ResourceConflictException",
			"The event source arn (\" " + kinesisARN + " \") and function (\" worker \") provided mapping already exists. Please update or delete the existing mapping with UUID " + *out.UUID},
		{"recorded: no stream", func(in *lambda.CreateEventSourceMappingInput) { in.EventSourceArn = &none }, "InvalidParameterValueException", "Stream not found: " + none},
		{"recorded: no start", func(in *lambda.CreateEventSourceMappingInput) { in.StartingPosition = "" }, "InvalidParameterValueException",
			"1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."},
		{"recorded: a time in a table's stream", func(in *lambda.CreateEventSourceMappingInput) {
			in.EventSourceArn, in.StartingPosition, in.StartingPositionTimestamp = aws.String(dynamoDBARN), types.EventSourcePositionAtTimestamp, aws.Time(time.Now())
		}, "InvalidParameterValueException", "Unsupported starting position for arn type: " + dynamoDBARN},
		{"recorded: no function", func(in *lambda.CreateEventSourceMappingInput) { in.FunctionName = aws.String("none") }, "InvalidParameterValueException", "Function does not exist"},
		{"recorded: filter", func(in *lambda.CreateEventSourceMappingInput) {
			in.FilterCriteria = &types.FilterCriteria{Filters: []types.Filter{{Pattern: aws.String("no")}}}
		}, "InvalidParameterValueException", "Invalid filter pattern definition."},
		{"recorded: success", func(in *lambda.CreateEventSourceMappingInput) {
			in.DestinationConfig = &types.DestinationConfig{OnSuccess: &types.OnSuccess{Destination: aws.String("arn:aws:sqs:us-east-1:000000000000:q")}}
		}, "InvalidParameterValueException", unsupported("DestinationConfig")},
		{"no table's stream", func(in *lambda.CreateEventSourceMappingInput) { in.EventSourceArn = aws.String(dynamoDBARN + "1") }, "InvalidParameterValueException", "Stream not found: " + dynamoDBARN + "1"},
		{"a table", func(in *lambda.CreateEventSourceMappingInput) {
			in.EventSourceArn = aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/orders")
		}, "InvalidParameterValueException", "Unrecognized event source."},
		{"no time", func(in *lambda.CreateEventSourceMappingInput) {
			in.StartingPosition = types.EventSourcePositionAtTimestamp
		}, "InvalidParameterValueException",
			"StartingPositionTimestamp is required for the starting position AT_TIMESTAMP."},
		{"recorded: a time for nothing", func(in *lambda.CreateEventSourceMappingInput) { in.StartingPositionTimestamp = aws.Time(time.Now()) }, "InvalidParameterValueException",
			"Timestamp only valid with StartingPosition AT_TIMESTAMP"},
		{"a time to come", func(in *lambda.CreateEventSourceMappingInput) {
			in.StartingPosition, in.StartingPositionTimestamp = types.EventSourcePositionAtTimestamp, aws.Time(time.Now().Add(time.Hour))
		}, "InvalidParameterValueException", "StartingPositionTimestamp cannot be in the future."},
		{"parallel", func(in *lambda.CreateEventSourceMappingInput) { in.ParallelizationFactor = aws.Int32(11) }, "ValidationException",
			"1 validation error detected: Value '11' at 'parallelizationFactor' failed to satisfy constraint: Member must have value less than or equal to 10"},
		{"retries", func(in *lambda.CreateEventSourceMappingInput) { in.MaximumRetryAttempts = aws.Int32(-2) }, "ValidationException",
			"1 validation error detected: Value '-2' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value greater than or equal to -1"},
		{"age", func(in *lambda.CreateEventSourceMappingInput) { in.MaximumRecordAgeInSeconds = aws.Int32(59) }, "InvalidParameterValueException",
			"Maximum record age in seconds must be -1 or at least 60."},
		{"tumbling in parallel", func(in *lambda.CreateEventSourceMappingInput) {
			in.TumblingWindowInSeconds, in.ParallelizationFactor = aws.Int32(60), aws.Int32(2)
		}, "InvalidParameterValueException", "TumblingWindowInSeconds with a ParallelizationFactor of more than 1 is not emulated by Postern yet. Leave it out to go on without it."},
		{"scaling", func(in *lambda.CreateEventSourceMappingInput) {
			in.ScalingConfig = &types.ScalingConfig{MaximumConcurrency: aws.Int32(2)}
		}, "InvalidParameterValueException", unsupported("ScalingConfig")},
		{"Kafka's", func(in *lambda.CreateEventSourceMappingInput) { in.Topics = []string{"t"} }, "InvalidParameterValueException", unsupported("Topics")},
		{"a function is told", func(in *lambda.CreateEventSourceMappingInput) {
			in.DestinationConfig = &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String("arn:aws:lambda:us-east-1:000000000000:function:f")}}
		}, "InvalidParameterValueException", "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=arn:aws:lambda:us-east-1:000000000000:function:f)) is invalid."},
	} {
		in := &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("worker"), EventSourceArn: aws.String(kinesisARN), StartingPosition: types.EventSourcePositionTrimHorizon}
		c.change(in)
		_, err := client.CreateEventSourceMapping(t.Context(), in)
		var failure smithy.APIError
		if !errors.As(err, &failure) || failure.ErrorMessage() != c.want || failure.ErrorCode() != c.code {
			t.Errorf("%s: got %v, want %s: %s", c.name, err, c.code, c.want)
		}
	}
}
