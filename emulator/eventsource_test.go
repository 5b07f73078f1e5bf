package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"postern/emulator"
)

// A queue is a small SQS: it speaks the JSON protocol for one queue, and refuses what is not signed.
type queue struct {
	*peer
	arn string

	mu      sync.Mutex // guards the rest
	changed chan struct{}
	waiting []map[string]any // not received since they were sent or came again
	flying  map[string]map[string]any
	gone    []string // bodies of deleted messages
	next    int
}

func newQueue(t *testing.T, name string) *queue {
	q := &queue{arn: "arn:aws:sqs:us-east-1:000000000000:" + name, changed: make(chan struct{}), flying: map[string]map[string]any{}}
	q.peer = newPeer(t, q.serve)
	q.Config.Handler = http.HandlerFunc(q.serve)
	return q
}

// notify wakes all who wait; mu is held.
func (q *queue) notify() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) send(bodies ...string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, body := range bodies {
		q.next++
		id := fmt.Sprint("m", q.next)
		q.waiting = append(q.waiting, map[string]any{
			"MessageId": id, "ReceiptHandle": "r-" + id, "Body": body, "MD5OfBody": "md5", "MD5OfMessageAttributes": "md6", "Attributes": map[string]string{"ApproximateReceiveCount": "1"},
			"MessageAttributes": map[string]any{"kind": map[string]string{"DataType": "String", "StringValue": "v"}},
		})
	}
	q.notify()
}

func (q *queue) serve(w http.ResponseWriter, r *http.Request) {
	_, body, signed := q.last()
	if signed == nil { // the test has no server to verify for yet
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	}
	var in struct {
		QueueName           string
		MaxNumberOfMessages int
		WaitTimeSeconds     int
		Entries             []struct{ Id, ReceiptHandle string }
	}
	json.Unmarshal([]byte(body), &in)
	switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
	case "GetQueueUrl":
		if !strings.HasSuffix(q.arn, ":"+in.QueueName) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"QueueUrl": q.URL + "/" + in.QueueName})
	case "GetQueueAttributes":
		fmt.Fprint(w, `{"Attributes":{"VisibilityTimeout":"30"}}`)
	case "ReceiveMessage":
		json.NewEncoder(w).Encode(map[string]any{"Messages": q.receive(r.Context(), in.MaxNumberOfMessages, in.WaitTimeSeconds)})
	case "DeleteMessageBatch":
		q.mu.Lock()
		for _, e := range in.Entries {
			if m := q.flying[e.ReceiptHandle]; m != nil {
				q.gone = append(q.gone, m["Body"].(string))
				delete(q.flying, e.ReceiptHandle)
			}
		}
		q.notify()
		q.mu.Unlock()
		fmt.Fprint(w, `{"Successful":[],"Failed":[]}`)
	}
}

func (q *queue) receive(ctx context.Context, most, seconds int) (got []map[string]any) {
	end := time.After(time.Duration(seconds) * time.Second)
	for {
		q.mu.Lock()
		n := min(most, len(q.waiting))
		got, q.waiting = q.waiting[:n:n], q.waiting[n:]
		for _, m := range got {
			q.flying[m["ReceiptHandle"].(string)] = m
		}
		changed := q.changed
		q.mu.Unlock()
		if n > 0 {
			return got
		}
		select {
		case <-changed:
		case <-end:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// deleted waits until so many messages are deleted, and returns their bodies, sorted.
func (q *queue) deleted(t *testing.T, n int) []string {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		q.mu.Lock()
		gone, changed := slices.Sorted(slices.Values(q.gone)), q.changed
		q.mu.Unlock()
		if len(gone) >= n {
			return gone
		}
		select {
		case <-changed:
		case <-end:
			t.Fatalf("deleted are %q", gone)
		}
	}
}

const queueHandler = `
import json, os
def handler(event, context):
    with open(os.environ["SEEN"], "a") as f:
        f.write(json.dumps([r["body"] for r in event["Records"]]) + "\n")
    r = event["Records"][0]
    assert r["eventSource"] == "aws:sqs" and r["md5OfMessageAttributes"] == "md6" and r["awsRegion"] == "us-east-1" and r["messageAttributes"]["kind"] == {"stringValue": "v", "stringListValues": [], "binaryListValues": [], "dataType": "String"}, r
    if any("fail all" in r["body"] for r in event["Records"]):
        raise ValueError("no")
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if "fail" in r["body"]]}
`

// mapQueue makes a function that gets the messages of a queue.
func mapQueue(t *testing.T, q *queue, in *lambda.CreateEventSourceMappingInput) (s *server, uuid *string) {
	t.Helper()
	needProgram(t, "python3")
	s = start(t, emulator.Config{Lambda: processes(t), ServiceEndpoints: map[string]string{"sqs": q.URL}})
	q.verify(s, "sqs")
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("worker"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role),
		Environment: &types.Environment{Variables: map[string]string{"SEEN": t.TempDir() + "/seen"}},
		Code:        &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(queueHandler)})},
	})
	in.FunctionName, in.EventSourceArn = aws.String("worker"), &q.arn
	out, err := lambda.NewFromConfig(s.aws()).CreateEventSourceMapping(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if *out.State != "Creating" || *out.FunctionArn != "arn:aws:lambda:us-east-1:000000000000:function:worker" {
		t.Errorf("got %+v", out)
	}
	return s, out.UUID
}

func TestAFunctionGetsTheMessagesOfAQueue(t *testing.T) {
	q := newQueue(t, "jobs")
	s, uuid := mapQueue(t, q, &lambda.CreateEventSourceMappingInput{})
	q.send("one", "two")
	if got := q.deleted(t, 2); !slices.Equal(got, []string{"one", "two"}) {
		t.Error(got)
	}
	client := lambda.NewFromConfig(s.aws())
	if _, err := client.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: uuid, Enabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: uuid})
	if err != nil || *got.State != "Disabled" || *got.BatchSize != 10 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := client.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: uuid, Enabled: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	q.send("three")
	q.deleted(t, 3)
	deleted, err := client.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: uuid})
	if err != nil || *deleted.State != "Deleting" {
		t.Errorf("%+v %v", deleted, err)
	}
	list, err := client.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{})
	if err != nil || len(list.EventSourceMappings) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

// What fails stays in the queue: of a function that says so, only that.
func TestMessagesThatFailStay(t *testing.T) {
	q := newQueue(t, "jobs")
	mapQueue(t, q, &lambda.CreateEventSourceMappingInput{
		BatchSize: aws.Int32(3), MaximumBatchingWindowInSeconds: aws.Int32(5), FunctionResponseTypes: []types.FunctionResponseType{types.FunctionResponseTypeReportBatchItemFailures},
	})
	q.send("good", "fail this", "fine")
	if got := q.deleted(t, 2); !slices.Equal(got, []string{"fine", "good"}) {
		t.Error(got)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.flying) != 1 { // it comes again when its visibility timeout is over
		t.Error(q.flying)
	}
}

func TestFiltersKeepMessagesFromTheFunction(t *testing.T) {
	q := newQueue(t, "jobs.fifo")
	mapQueue(t, q, &lambda.CreateEventSourceMappingInput{
		BatchSize:      aws.Int32(1),
		FilterCriteria: &types.FilterCriteria{Filters: []types.Filter{{Pattern: aws.String(`{"body":{"kind":["wanted"]}}`)}}},
	})
	q.send(`{"kind":"fail all"}`, `{"kind":"wanted"}`, `no JSON, fail all`)
	if got := q.deleted(t, 3); len(got) != 3 { // had the function got the others, they would have stayed
		t.Error(got)
	}
}

func TestQueuesArePolledAgainAfterARestart(t *testing.T) {
	needProgram(t, "python3")
	q := newQueue(t, "jobs")
	config := emulator.Config{Lambda: processes(t), DataDir: t.TempDir(), ServiceEndpoints: map[string]string{"sqs": q.URL}}
	run := func(use func(*server)) {
		s := start(t, config)
		use(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	run(func(s *server) {
		s.createFunction(t, &lambda.CreateFunctionInput{
			FunctionName: aws.String("worker"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role),
			Environment: &types.Environment{Variables: map[string]string{"SEEN": t.TempDir() + "/seen"}},
			Code:        &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(queueHandler)})},
		})
		_, err := lambda.NewFromConfig(s.aws()).CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("worker"), EventSourceArn: &q.arn})
		if err != nil {
			t.Fatal(err)
		}
	})
	q.send("later")
	run(func(*server) { q.deleted(t, 1) })
}

// Texts are AWS's as recorded (facts: lambda §8), but for those of what Postern does not have.
func TestEventSourceMappingsThatAreRefused(t *testing.T) {
	q := newQueue(t, "jobs")
	s, uuid := mapQueue(t, q, &lambda.CreateEventSourceMappingInput{})
	client := lambda.NewFromConfig(s.aws())
	create := func(change func(*lambda.CreateEventSourceMappingInput)) error {
		in := &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("worker"), EventSourceArn: &q.arn}
		change(in)
		_, err := client.CreateEventSourceMapping(t.Context(), in)
		return err
	}
	none := "arn:aws:sqs:us-east-1:000000000000:none"
	s.createFunction(t, &lambda.CreateFunctionInput{
		FunctionName: aws.String("slow"), Runtime: types.RuntimePython312, Handler: aws.String("index.handler"), Role: aws.String(role), Timeout: aws.Int32(31),
		Code: &types.FunctionCode{ZipFile: packed(t, map[string][]byte{"index.py": []byte(queueHandler)})},
	})
	_, notThere := client.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: aws.String("none")})
	_, notDeleted := client.DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: aws.String("none")})
	_, notUpdated := client.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: aws.String("none")})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"twice", create(func(*lambda.CreateEventSourceMappingInput) {}), "An event source mapping with SQS arn (\" " + q.arn + " \") and function (\" worker \") already exists. Please update or delete the existing mapping with UUID " + *uuid},
		{"no function", create(func(in *lambda.CreateEventSourceMappingInput) { in.FunctionName = aws.String("none") }), "Function does not exist"},
		{"no queue", create(func(in *lambda.CreateEventSourceMappingInput) { in.EventSourceArn = &none }), "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist."},
		{"no source", create(func(in *lambda.CreateEventSourceMappingInput) {
			in.EventSourceArn = aws.String("arn:aws:sns:us-east-1:000000000000:topic")
		}), "Unrecognized event source."},
		{"Kafka", create(func(in *lambda.CreateEventSourceMappingInput) {
			in.EventSourceArn = aws.String("arn:aws:kafka:us-east-1:000000000000:cluster/c/1")
		}), "An event source other than an SQS queue, a Kinesis stream or a DynamoDB stream is not emulated by Postern yet. Leave it out to go on without it."},
		{"what streams have", create(func(in *lambda.CreateEventSourceMappingInput) { in.ParallelizationFactor = aws.Int32(2) }), "Unsupported ParallelizationFactor parameter for given event source mapping type."},
		{"window", create(func(in *lambda.CreateEventSourceMappingInput) { in.BatchSize = aws.Int32(11) }), "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"},
		{"a function slower than the queue", create(func(in *lambda.CreateEventSourceMappingInput) { in.FunctionName = aws.String("slow") }), "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"},
		{"filter", create(func(in *lambda.CreateEventSourceMappingInput) {
			in.FilterCriteria = &types.FilterCriteria{Filters: []types.Filter{{Pattern: aws.String(`{"a":1}`)}}}
		}), "Invalid filter pattern definition."},
		{"get nothing", notThere, "The resource you requested does not exist."},
		{"delete nothing", notDeleted, "The resource you requested does not exist."},
		{"update nothing", notUpdated, "The resource you requested does not exist."},
	} {
		var failure smithy.APIError
		if c.err == nil {
			t.Errorf("%s: no error", c.name)
		} else if !errors.As(c.err, &failure) || failure.ErrorMessage() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, c.err, c.want)
		}
	}
}
