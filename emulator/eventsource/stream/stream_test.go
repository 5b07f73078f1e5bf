package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/emulator/eventsource"
	"postern/emulator/eventsource/stream"
	"postern/emulator/eventsource/streamtest"
)

const (
	kinesisARN  = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
	dynamoDBARN = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000"
)

// A bench is a poller of a stream over HTTP, with a function in Go.
type bench struct {
	*stream.Poller
	source *streamtest.Stream
	server *httptest.Server
	memory *memory
	stop   func()

	// answer is the function: what it says to an event.
	answer func(e got) (any, error)
	events chan got
	told   chan stream.Discarded
}

// A got is an event that the function got.
type got struct {
	Records []struct {
		Kinesis  struct{ Data, SequenceNumber, PartitionKey string }
		DynamoDB struct {
			SequenceNumber string
			Keys           map[string]map[string]string
		}
	}
	State                                           map[string]int
	IsFinalInvokeForWindow, IsWindowTerminatedEarly bool
	Window                                          struct{ Start, End string }
	raw                                             []byte
}

// data are the records' data, which the tests write as letters.
func (g got) data() string {
	var all []string
	for _, r := range g.Records {
		var b []byte
		_ = json.Unmarshal([]byte(`"`+r.Kinesis.Data+`"`), &b)
		all = append(all, string(b))
	}
	return strings.Join(all, "")
}

func (g got) sequence(i int) string {
	return g.Records[i].Kinesis.SequenceNumber + g.Records[i].DynamoDB.SequenceNumber
}

// errThrottled is a function that did not run; errFailed one that failed.
var errThrottled, errFailed = errors.New("throttled"), errors.New("failed")

// memory keeps positions.
type memory struct {
	mu    sync.Mutex // guards all
	all   map[string]stream.Position
	saved chan stream.Position // of those who want to know
}

func (m *memory) Load(context.Context) (map[string]stream.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.all), nil
}

func (m *memory) Save(_ context.Context, shard string, at stream.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[shard] = at
	select {
	case m.saved <- at:
	default:
	}
	return nil
}

func (m *memory) Forget(_ context.Context, shard string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, shard)
	return nil
}

// newBench makes a stream with shards and a poller that does not run yet.
func newBench(t *testing.T, arn string, config stream.Stream, shards ...string) *bench {
	b := &bench{
		source: streamtest.New(arn, shards...), memory: &memory{all: map[string]stream.Position{}, saved: make(chan stream.Position, 100)},
		events: make(chan got, 100), told: make(chan stream.Discarded, 10), answer: func(got) (any, error) { return nil, nil },
	}
	b.server = httptest.NewServer(b.source)
	t.Cleanup(b.server.Close)
	config.ARN = arn
	if config.Start == "" {
		config.Start = stream.TrimHorizon
	}
	if config.BatchSize == 0 {
		config.BatchSize = 100
	}
	b.Poller = b.poller(config)
	return b
}

func (b *bench) poller(config stream.Stream) *stream.Poller {
	return &stream.Poller{
		Stream: config, Call: b.call, Invoke: b.invoke, Positions: b.memory, FunctionARN: "arn:f", Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		NewID:   func() string { return "id" },
		Role:    func(context.Context) (string, error) { return "arn:role", nil },
		Report:  func(context.Context, string) {},
		Discard: func(_ context.Context, d stream.Discarded) error { b.told <- d; return nil },
	}
}

// run runs the poller until the test ends or stop.
func (b *bench) run(t *testing.T) *bench {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.Run(ctx) }()
	b.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(b.stop)
	return b
}

// again is another poller of the same mapping, as after a restart.
func (b *bench) again(t *testing.T) *bench {
	b.stop()
	b.Poller = b.poller(b.Stream)
	return b.run(t)
}

type failure string

func (f failure) Error() string     { return string(f) }
func (f failure) ErrorCode() string { return string(f)[strings.IndexByte(string(f), '#')+1:] }

func (b *bench) call(ctx context.Context, action string, in, out any) error {
	target, version := "Kinesis_20131202", "1.1"
	if b.Stream.ARN == dynamoDBARN {
		target, version = "DynamoDBStreams_20120810", "1.0"
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Target", target+"."+action)
	r.Header.Set("Content-Type", "application/x-amz-json-"+version)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		var said struct {
			Type string `json:"__type"`
		}
		_ = json.Unmarshal(answer, &said)
		return failure(said.Type)
	}
	return errors.Join(err, json.Unmarshal(answer, out))
}

func (b *bench) invoke(_ context.Context, event []byte) (eventsource.Result, error) {
	e := got{raw: event}
	if err := json.Unmarshal(event, &e); err != nil {
		return eventsource.Result{}, err
	}
	answer, err := b.answer(e)
	b.events <- e
	if errors.Is(err, errThrottled) {
		return eventsource.Result{}, err
	}
	result := eventsource.Result{RequestID: "request", Version: "$LATEST"}
	if err != nil {
		result.FunctionError = "Unhandled"
	}
	var marshalled error
	result.Payload, marshalled = json.Marshal(answer)
	return result, marshalled
}

// next is the event that comes next.
func (b *bench) next(t *testing.T) got {
	t.Helper()
	select {
	case e := <-b.events:
		return e
	case <-time.After(30 * time.Second):
		t.Fatal("no event comes")
		return got{}
	}
}

// batches are the data of the events that come, until so many records are there.
func (b *bench) batches(t *testing.T, want ...string) {
	t.Helper()
	for i, w := range want {
		if e := b.next(t); e.data() != w {
			t.Fatalf("event %d has %q, want %q", i, e.data(), w)
		}
	}
}

func (b *bench) put(shard, letters string) {
	for _, l := range letters {
		b.source.Put(shard, string(l), string(l))
	}
}

// A record is as recorded (facts: lambda §8).
func TestRecordsOfKinesisAreAsRecorded(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "shardId-000000000000")
	b.source.PutAt("shardId-000000000000", "k<", "hello", time.UnixMilli(1545084650987))
	e := b.run(t).next(t)
	want := `{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"k\u003c","sequenceNumber":"1001","data":"aGVsbG8=",` +
		`"approximateArrivalTimestamp":1545084650.987},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000000:1001",` +
		`"eventName":"aws:kinesis:record","invokeIdentityArn":"arn:role","awsRegion":"us-east-1","eventSourceARN":"` + kinesisARN + `"}]}`
	if diff := cmp.Diff(want, string(e.raw)); diff != "" {
		t.Error(diff)
	}
}

func TestRecordsOfDynamoDBAreAsRecorded(t *testing.T) {
	b := newBench(t, dynamoDBARN, stream.Stream{}, "s0")
	b.source.PutAt("s0", "a", "x", time.Unix(1545084650, 0))
	e := b.run(t).next(t)
	want := `{"Records":[{"eventID":"e1001","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"us-east-1",` +
		`"dynamodb":{"ApproximateCreationDateTime":1545084650,"Keys":{"id":{"S":"a"}},"NewImage":{"data":{"S":"x"},"id":{"S":"a"}},` +
		`"SequenceNumber":"1001","SizeBytes":2,"StreamViewType":"NEW_IMAGE"},"eventSourceARN":"` + dynamoDBARN + `"}]}`
	if diff := cmp.Diff(want, string(e.raw)); diff != "" {
		t.Error(diff)
	}
}

// fails is a function that fails events with one of the letters.
func fails(letters string) func(got) (any, error) {
	return func(e got) (any, error) {
		if strings.ContainsAny(e.data(), letters) {
			return map[string]string{"errorMessage": "no"}, errFailed
		}
		return nil, nil
	}
}

// reports is a function that reports the first record with one of the letters.
func reports(letters string) func(got) (any, error) {
	return func(e got) (any, error) {
		for i, l := range e.data() {
			if strings.ContainsRune(letters, l) {
				return map[string]any{"batchItemFailures": []any{map[string]string{"itemIdentifier": e.sequence(i)}}}, nil
			}
		}
		return map[string]any{"batchItemFailures": nil}, nil
	}
}

// What a function gets of abcdef, of which it does not do some. Developer guide, "Retain discarded batch records",
// "Configuring partial batch response": retries, splits that do not count, the checkpoint.
func TestBatchesThatFail(t *testing.T) {
	for _, c := range []struct {
		name   string
		config stream.Stream
		answer func(got) (any, error)
		want   []string
		told   []string // from and to, and the invocations
	}{
		{"success", stream.Stream{}, fails(""), []string{"abcdef"}, nil},
		{"batch size", stream.Stream{BatchSize: 4}, fails(""), []string{"abcd", "ef"}, nil},
		{"retries are used up", stream.Stream{MaxRetries: 2, BatchSize: 3}, fails("b"), []string{"abc", "abc", "abc", "def"}, []string{"1001 1003 3 RetryAttemptsExhausted"}},
		{"no retries", stream.Stream{BatchSize: 3}, fails("b"), []string{"abc", "def"}, []string{"1001 1003 1 RetryAttemptsExhausted"}},
		{"halved", stream.Stream{Bisect: true}, fails("e"), []string{"abcdef", "abc", "def", "d", "ef", "e", "f"}, []string{"1005 1005 4 RetryAttemptsExhausted"}},
		{"halved with a retry", stream.Stream{Bisect: true, MaxRetries: 1, BatchSize: 2}, fails("a"), []string{"ab", "a", "a", "b", "cd", "ef"}, []string{"1001 1001 3 RetryAttemptsExhausted"}},
		{"partial", stream.Stream{Partial: true, MaxRetries: 1}, reports("c"), []string{"abcdef", "cdef"}, []string{"1003 1006 2 RetryAttemptsExhausted"}},
		{"partial and halved", stream.Stream{Partial: true, Bisect: true}, reports("c"), []string{"abcdef", "cdef", "cd", "c", "d", "ef"}, []string{"1003 1003 4 RetryAttemptsExhausted"}},
		{"partial, not asked for", stream.Stream{}, reports("c"), []string{"abcdef"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, kinesisARN, c.config, "s0")
			b.answer = c.answer
			b.put("s0", "abcdef")
			b.run(t).batches(t, c.want...)
			for _, want := range c.told {
				var f struct {
					RequestContext struct {
						Condition              string
						ApproximateInvokeCount int
					}
					KinesisBatchInfo struct{ StartSequenceNumber, EndSequenceNumber string }
				}
				d := <-b.told
				if err := json.Unmarshal(d.Body, &f); err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprint(f.KinesisBatchInfo.StartSequenceNumber, " ", f.KinesisBatchInfo.EndSequenceNumber, " ", f.RequestContext.ApproximateInvokeCount, " ", f.RequestContext.Condition)
				if got != want {
					t.Errorf("told %s, want %s", got, want)
				}
			}
			b.put("s0", "z")
			b.batches(t, "z") // and nothing else was to come
		})
	}
}

func TestThrottlesAreNoAttempts(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "s0")
	var n int
	b.answer = func(got) (any, error) {
		if n++; n < 3 {
			return nil, errThrottled
		}
		return nil, nil
	}
	b.put("s0", "ab")
	b.run(t).batches(t, "ab", "ab", "ab")
}

// The age is that of each record: the older ones of a batch are given up alone, untried.
func TestRecordsThatAreTooOldAreDiscarded(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{MaxAge: time.Hour}, "s0")
	b.source.PutAt("s0", "a", "a", time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC))
	b.source.PutAt("s0", "b", "b", time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC))
	b.put("s0", "c")
	b.run(t).batches(t, "c")
	d := <-b.told
	var f map[string]any
	if err := json.Unmarshal(d.Body, &f); err != nil {
		t.Fatal(err)
	}
	delete(f, "timestamp")
	want := map[string]any{
		"version":        "1.0",
		"requestContext": map[string]any{"requestId": "id", "functionArn": "arn:f", "condition": "RecordAgeExceeded", "approximateInvokeCount": 0.0},
		"KinesisBatchInfo": map[string]any{
			"shardId": "s0", "startSequenceNumber": "1001", "endSequenceNumber": "1002", "batchSize": 2.0, "streamArn": kinesisARN,
			"approximateArrivalOfFirstRecord": "2026-01-02T03:04:05.006Z", "approximateArrivalOfLastRecord": "2026-01-02T03:04:06Z",
		},
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(d.Full, []byte(`"payload":"{\"Records\":[`)) {
		t.Errorf("a bucket would get %s", d.Full)
	}
}

func TestABatchingWindowGathersRecords(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Window: time.Minute, BatchSize: 3}, "s0")
	b.put("s0", "a")
	b.run(t)
	b.put("s0", "bcd")
	b.batches(t, "abc") // full before the window is over
	b.source.Split([]string{"s0"}, "s1")
	b.batches(t, "d") // nothing more can come
}

func TestFiltersPassRecordsOver(t *testing.T) {
	pattern, err := eventsource.ParsePattern(`{"data":{"n":[{"numeric":[">",1]}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, kinesisARN, stream.Stream{Filters: []*eventsource.Pattern{pattern}}, "s0")
	for _, data := range []string{`{"n":1}`, `{"n":2}`, `text`, `{"n":3}`, `{"n":0}`} {
		b.source.Put("s0", "k", data)
	}
	b.run(t).batches(t, `{"n":2}{"n":3}`)
	last := b.source.Put("s0", "k", `{"n":-1}`)
	for at := range b.memory.saved { // what is passed over is not read again
		if at.Sequence == last {
			break
		}
	}
	b.again(t)
	b.source.Put("s0", "k", `{"n":4}`)
	b.batches(t, `{"n":4}`)
}

func TestChangesOfItemsAreFiltered(t *testing.T) {
	pattern, err := eventsource.ParsePattern(`{"eventName":["INSERT"],"dynamodb":{"NewImage":{"data":{"S":["y"]}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, dynamoDBARN, stream.Stream{Filters: []*eventsource.Pattern{pattern}}, "s0")
	b.source.Put("s0", "a", "x")
	b.source.Put("s0", "b", "y")
	if e := b.run(t).next(t); len(e.Records) != 1 || e.Records[0].DynamoDB.Keys["id"]["S"] != "b" {
		t.Errorf("got %s", e.raw)
	}
}

// Shards that came of others begin when those are done, and all that they hold is read.
func TestChildrenAreReadAfterTheirParents(t *testing.T) {
	for _, arn := range []string{kinesisARN, dynamoDBARN} {
		b := newBench(t, arn, stream.Stream{BatchSize: 1}, "s0", "s1")
		b.put("s0", "a")
		b.put("s1", "b")
		b.source.Split([]string{"s0"}, "s2", "s3")
		b.put("s2", "c")
		b.source.Split([]string{"s2"}, "s4")
		b.put("s4", "d")
		order := map[string]int{}
		b.run(t)
		for i := range 4 {
			order[b.next(t).sequence(0)] = i
		}
		if order["1001"] > order["1003"] || order["1003"] > order["1004"] {
			t.Errorf("%s: the order is %v", arn, order)
		}
		b.source.Split([]string{"s3", "s4"}[:1], "s5")
		b.put("s5", "e")
		if e := b.next(t); e.sequence(0) != "1005" {
			t.Errorf("got %s", e.raw)
		}
		b.stop()
	}
}

func TestLatestIsWhatComesAfterTheBeginning(t *testing.T) {
	for _, arn := range []string{kinesisARN, dynamoDBARN} {
		b := newBench(t, arn, stream.Stream{Start: stream.Latest}, "s0")
		b.source.PutAt("s0", "a", "a", time.Now().Add(-time.Minute))
		if err := b.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.run(t)
		b.stop() // nothing was read, and what comes meanwhile is not missed
		b.put("s0", "b")
		b.again(t)
		if e := b.next(t); len(e.Records) != 1 || e.sequence(0) != "1002" {
			t.Errorf("%s: got %s", arn, e.raw)
		}
	}
}

func TestReadingBeginsAtATime(t *testing.T) {
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	b := newBench(t, kinesisARN, stream.Stream{Start: stream.AtTimestamp, StartAt: at}, "s0")
	b.source.PutAt("s0", "a", "a", at.Add(-time.Second))
	b.source.PutAt("s0", "b", "b", at)
	b.run(t).batches(t, "b")
}

func TestARestartGoesOnWhereItWas(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{BatchSize: 2, MaxRetries: -1}, "s0")
	b.put("s0", "abcd")
	b.answer = fails("c")
	b.run(t).batches(t, "ab", "cd")
	b.again(t)
	b.batches(t, "cd") // not done, so again
	b.stop()
	for len(b.events) > 0 {
		<-b.events
	}
	b.answer = fails("")
	b.again(t).batches(t, "cd")
	b.put("s0", "e")
	b.batches(t, "e")
}

func TestIteratorsThatExpireAreAskedForAgain(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "s0")
	b.put("s0", "a")
	b.run(t).batches(t, "a")
	b.source.ExpireIterators()
	b.put("s0", "b")
	b.batches(t, "b")
	b.source.Throttle(2)
	b.put("s0", "c")
	b.batches(t, "c")
}

func TestAnEndpointThatWasGone(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "s0")
	gone := make(chan struct{}, 100)
	handler := b.server.Config.Handler
	var down sync.Mutex
	away := false
	b.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		down.Lock()
		closed := away
		down.Unlock()
		if closed {
			gone <- struct{}{}
			panic(http.ErrAbortHandler) // the connection breaks
		}
		handler.ServeHTTP(w, r)
	})
	b.put("s0", "a")
	b.run(t).batches(t, "a")
	set := func(to bool) { down.Lock(); away = to; down.Unlock() }
	set(true)
	<-gone
	<-gone
	b.put("s0", "b")
	set(false)
	b.batches(t, "b")
}

// A stream of the same name that is another by now is read from its beginning.
func TestAStreamThatWasMadeAnew(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "s0")
	b.memory.all["s0"] = stream.Position{Sequence: "999"}
	b.put("s0", "a")
	b.run(t).batches(t, "a")
}

// Batches of a shard run at the same time, but records of one key in order. (Developer guide, "Polling and batching
// streams": in-order processing at the partition-key level.)
func TestBatchesOfAShardRunAtTheSameTime(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Parallel: 10, BatchSize: 10}, "s0")
	var mu sync.Mutex
	byKey := map[string]string{}
	at, most := 0, 0
	both := make(chan struct{})
	b.answer = func(e got) (any, error) {
		mu.Lock()
		if at++; at > most {
			if most = at; most == 2 {
				close(both)
			}
		}
		for i, r := range e.Records {
			byKey[r.Kinesis.PartitionKey] += string(e.data()[i])
		}
		mu.Unlock()
		<-both
		mu.Lock()
		at--
		mu.Unlock()
		return nil, nil
	}
	for i := range 80 {
		b.source.Put("s0", string(rune('a'+i%8)), string(rune('A'+i/8)))
	}
	b.run(t)
	for n := 0; n < 80; {
		n += len(b.next(t).Records)
	}
	for key, letters := range byKey {
		if letters != "ABCDEFGHIJ" {
			t.Errorf("records of %s came as %s", key, letters)
		}
	}
	if len(byKey) != 8 {
		t.Error(byKey)
	}
}

// century is a window that does not end while a test runs.
const century = 100 * 365 * 24 * time.Hour

// counts is a function that keeps how many records it had as its state.
func counts(e got) (any, error) {
	return map[string]any{"state": map[string]int{"n": e.State["n"] + len(e.Records)}}, nil
}

// Developer guide, "Implementing stateful Kinesis Data Streams processing": windows begin with multiples of their
// length, the state goes along, and ends with the window.
func TestTumblingWindows(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Tumbling: 2 * time.Minute, BatchSize: 2}, "s0")
	b.answer = counts
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	for i, letter := range "abcde" {
		b.source.PutAt("s0", "k", string(letter), at.Add(time.Duration(i)*50*time.Second)) // d is in the second window
	}
	b.run(t)
	type seen struct {
		data, start  string
		state        int
		final, early bool
	}
	see := func() seen {
		e := b.next(t)
		return seen{e.data(), e.Window.Start, e.State["n"], e.IsFinalInvokeForWindow, e.IsWindowTerminatedEarly}
	}
	first, second := "2026-01-01T10:00:00Z", "2026-01-01T10:02:00Z"
	want := []seen{{"ab", first, 0, false, false}, {"c", first, 2, false, false}, {"", first, 3, true, false}, {"d", second, 0, false, false}, {"e", second, 1, false, false}, {"", second, 2, true, false}}
	var all []seen
	for range want {
		all = append(all, see())
	}
	if diff := cmp.Diff(want, all, cmp.AllowUnexported(seen{})); diff != "" {
		t.Error(diff)
	}
}

func TestAWindowIsKeptOverARestartAndEndsWithItsShard(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Tumbling: century}, "s0")
	b.answer = counts
	b.put("s0", "ab")
	b.run(t).batches(t, "ab")
	b.again(t)
	b.put("s0", "c")
	if e := b.next(t); e.State["n"] != 2 {
		t.Errorf("got %s", e.raw)
	}
	b.source.Split([]string{"s0"}, "s1")
	if e := b.next(t); !e.IsFinalInvokeForWindow || e.State["n"] != 3 {
		t.Errorf("got %s", e.raw)
	}
}

func TestAMappingWithoutWindowsAnyMore(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Tumbling: century}, "s0")
	b.answer = counts
	b.put("s0", "a")
	b.run(t).batches(t, "a")
	b.stop()
	b.Stream.Tumbling = 0
	b.answer = fails("")
	b.again(t)
	b.put("s0", "b")
	if e := b.next(t); e.data() != "b" || bytes.Contains(e.raw, []byte("state")) {
		t.Errorf("got %s", e.raw)
	}
}

func TestAnswersWithoutStateFail(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Tumbling: century, MaxRetries: 1}, "s0")
	b.put("s0", "a")
	b.run(t).batches(t, "a", "a")
	<-b.told
}

func TestAStateThatGrowsTooLargeEndsItsWindow(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{Tumbling: century, BatchSize: 1}, "s0")
	b.answer = func(e got) (any, error) {
		state := map[string]any{"n": e.State["n"] + 1}
		if len(e.Records) > 0 && e.data() == "a" {
			state["large"+strings.Repeat("x", 1<<20)] = 0
		}
		return map[string]any{"state": state}, nil
	}
	b.put("s0", "ab")
	b.run(t)
	for _, want := range []struct {
		data  string
		early bool
		n     int
	}{{"a", false, 0}, {"", true, 1}, {"b", false, 0}} {
		if e := b.next(t); e.data() != want.data || e.IsWindowTerminatedEarly != want.early || e.State["n"] != want.n || e.IsFinalInvokeForWindow {
			t.Errorf("got %.300s, want %+v", e.raw, want)
		}
	}
}

func TestAConsumersStreamIsRead(t *testing.T) {
	b := newBench(t, kinesisARN, stream.Stream{}, "s0")
	b.Stream.ARN = kinesisARN + "/consumer/c:1"
	b.put("s0", "a")
	if e := b.run(t).next(t); !bytes.Contains(e.raw, []byte(`"eventSourceARN":"`+kinesisARN+`/consumer/c:1"`)) {
		t.Errorf("got %s", e.raw)
	}
	b.stop()
	b.Stream.ARN = kinesisARN + "/consumer/none:1"
	if err := b.Check(t.Context()); eventsource.Code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
}
