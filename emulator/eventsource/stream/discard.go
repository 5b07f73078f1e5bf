package stream

import (
	"context"
	"encoding/json"
	"time"

	"postern/emulator/eventsource"
)

// Why records are given up, as on-failure destinations are told. (Developer guide, "Retain discarded batch records".)
const (
	retriesExhausted = "RetryAttemptsExhausted"
	tooOld           = "RecordAgeExceeded"
)

// Discarded are records that were given up.
type Discarded struct {
	ShardID   string
	RequestID string // of the last invocation
	Time      time.Time
	// Body tells about them (recorded); Full has the event besides, as S3 gets it.
	Body, Full []byte
}

// A failure is what a destination is told. What has not run has no response.
type failure struct {
	RequestContext struct {
		RequestID              string `json:"requestId"`
		FunctionARN            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"`
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	KinesisBatch    *batchInfo       `json:"KinesisBatchInfo,omitempty"`
	DynamoDBBatch   *batchInfo       `json:"DDBStreamBatchInfo,omitempty"`
	Payload         string           `json:"payload,omitempty"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"`
}

type batchInfo struct {
	ShardID     string `json:"shardId"`
	Start       string `json:"startSequenceNumber"`
	End         string `json:"endSequenceNumber"`
	FirstArrive string `json:"approximateArrivalOfFirstRecord"`
	LastArrive  string `json:"approximateArrivalOfLastRecord"`
	BatchSize   int    `json:"batchSize"`
	StreamARN   string `json:"streamArn"`
}

// discard gives up the first n records of a batch.
func (r *reader) discard(ctx context.Context, b *batch, n int, condition string) {
	given := b.records[:n]
	b.records = b.records[n:]
	r.p.Logger.Warn("records are discarded", "stream", r.p.Stream.ARN, "shard", r.id, "from", given[0].sequence,
		"to", given[n-1].sequence, "records", n, "invocations", b.invokes, "reason", condition)
	if r.p.Discard != nil {
		r.tell(ctx, r.failure(given, b, condition), given)
	}
	b.done(ctx, given[n-1].sequence)
}

func (r *reader) failure(given []record, b *batch, condition string) failure {
	var f failure
	f.RequestContext.RequestID, f.RequestContext.FunctionARN = b.result.RequestID, r.p.FunctionARN
	f.RequestContext.Condition, f.RequestContext.ApproximateInvokeCount = condition, b.invokes
	if b.result.Version != "" {
		f.ResponseContext = &responseContext{200, b.result.Version, b.result.FunctionError}
	}
	if f.RequestContext.RequestID == "" {
		f.RequestContext.RequestID = r.p.NewID()
	}
	f.Version, f.Timestamp = "1.0", r.p.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	first, last := given[0], given[len(given)-1]
	info := &batchInfo{r.id, first.sequence, last.sequence, instant(first.arrival), instant(last.arrival), len(given), r.p.Stream.ARN}
	if _, ok := r.source.(*dynamoDB); ok {
		f.DynamoDBBatch = info
	} else {
		f.KinesisBatch = info
	}
	return f
}

// instant is a time as seen in failures of both kinds of streams: without a fraction where it is a whole second.
func instant(t time.Time) string {
	if t.Nanosecond() == 0 {
		return t.Format(time.RFC3339)
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

// tries is how often a destination is told before that is given up.
const tries = 3

// tell sends a failure. What cannot be sent is lost, as on AWS, and logged.
func (r *reader) tell(ctx context.Context, f failure, given []record) {
	d, err := r.discarded(f, given)
	pause := eventsource.Pause{First: firstPause, Most: longestPause}
	for i := 1; err == nil; i++ {
		if err = r.p.Discard(context.WithoutCancel(ctx), d); err == nil {
			return
		}
		if i < tries && ctx.Err() == nil {
			pause.Wait(ctx)
			err = nil
		}
	}
	r.p.Logger.Warn("discarded records are not told to the destination", "stream", r.p.Stream.ARN, "shard", r.id, "request_id", d.RequestID, "error", err)
}

func (r *reader) discarded(f failure, given []record) (d Discarded, err error) {
	d = Discarded{ShardID: r.id, RequestID: f.RequestContext.RequestID, Time: r.p.Now()}
	if d.Body, err = json.Marshal(f); err != nil {
		return d, err
	}
	e := event{}
	for _, one := range given {
		e.Records = append(e.Records, one.body)
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return d, err
	}
	f.Payload = string(payload)
	d.Full, err = json.Marshal(f)
	return d, err
}
