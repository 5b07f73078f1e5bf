package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/emulator/eventsource"
)

// A record is a message as functions get it, with the members in AWS's order.
type record struct {
	MessageID         string                     `json:"messageId"`
	ReceiptHandle     string                     `json:"receiptHandle"`
	Body              string                     `json:"body"`
	Attributes        map[string]string          `json:"attributes"`
	MessageAttributes map[string]recordAttribute `json:"messageAttributes"`
	MD5OfAttributes   string                     `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody         string                     `json:"md5OfBody"`
	EventSource       string                     `json:"eventSource"`
	EventSourceARN    string                     `json:"eventSourceARN"`
	AWSRegion         string                     `json:"awsRegion"`
}

type recordAttribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues []string `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func (p *Poller) record(m message) record {
	region, _, _ := p.Queue.parts()
	r := record{
		MessageID: m.MessageId, ReceiptHandle: m.ReceiptHandle, Body: m.Body, Attributes: m.Attributes, MD5OfBody: m.MD5OfBody, MD5OfAttributes: m.MD5OfMessageAttributes,
		MessageAttributes: map[string]recordAttribute{}, EventSource: "aws:sqs", EventSourceARN: p.Queue.ARN, AWSRegion: region,
	}
	for name, a := range m.MessageAttributes {
		r.MessageAttributes[name] = recordAttribute{
			StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: a.DataType, StringListValues: []string{}, BinaryListValues: []string{},
		}
	}
	return r
}

// filtered is a record as filters see it: a body that is JSON is what it says. (Lambda developer guide,
// "Using event filtering with an Amazon SQS event source".)
func (p *Poller) filtered(m message) map[string]any {
	var out map[string]any
	b, err := json.Marshal(p.record(m))
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		return nil
	}
	var body any
	if json.Unmarshal([]byte(m.Body), &body) == nil {
		out["body"] = body
	}
	return out
}

// maxPayload is what AWS fills an event to: the limit of synchronous invocations.
const maxPayload = 6 << 20

// size is about what a message takes in an event: its body and attributes as JSON, and the rest.
func (m message) size() int {
	b, err := json.Marshal([]any{m.Body, m.Attributes, m.MessageAttributes})
	if err != nil {
		return maxPayload
	}
	return len(b) + 1024
}

// serve gives a batch to the function, in more than one event if it is too large, and deletes what it has done. All
// else is seen again when its visibility timeout is over, and goes to the queue's own dead-letter queue in the end.
func (p *Poller) serve(ctx context.Context, url string, batch []message, until time.Time) {
	for len(batch) > 0 {
		n, size := 1, batch[0].size()
		for n < len(batch) && size+batch[n].size() <= maxPayload {
			size += batch[n].size()
			n++
		}
		p.serveOne(ctx, url, batch[:n], until)
		batch = batch[n:]
	}
}

func (p *Poller) serveOne(ctx context.Context, url string, batch []message, until time.Time) {
	done, err := p.insist(ctx, batch, until)
	if err != nil {
		p.Logger.Info("messages will come again", "queue", p.Queue.ARN, "messages", len(batch)-len(done), "reason", err)
	}
	if err := p.delete(context.WithoutCancel(ctx), url, done); err != nil {
		p.Logger.Warn("messages are not deleted and will come again", "queue", p.Queue.ARN, "error", err)
	}
}

// insist gives a batch to the function again while that does not run, as when it is throttled, but not so long that
// the messages are seen by others. (Developer guide, "Creating and configuring an Amazon SQS event source mapping": the
// visibility timeout is to have time for that.) What ctx ends is the waiting.
func (p *Poller) insist(ctx context.Context, batch []message, until time.Time) (done []message, err error) {
	pause := eventsource.Pause{First: 200 * time.Millisecond, Most: longestPause}
	for {
		done, err = p.give(context.WithoutCancel(ctx), batch)
		if !errors.Is(err, errNotRun) || p.Now().Add(pause.Next()).After(until) {
			return done, err
		}
		if pause.Wait(ctx); ctx.Err() != nil {
			return nil, err
		}
	}
}

// errNotRun is of batches that did not reach the function.
var errNotRun = errors.New("the function did not run")

// give invokes the function and says which messages it has done, and why not all.
func (p *Poller) give(ctx context.Context, batch []message) (done []message, err error) {
	event := struct{ Records []record }{}
	for _, m := range batch {
		event.Records = append(event.Records, p.record(m))
	}
	body, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	result, err := p.Invoke(ctx, body)
	switch {
	case errors.Is(err, eventsource.ErrRefused):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errNotRun, err)
	case result.FunctionError != "":
		return nil, fmt.Errorf("the function failed: %.500s", result.Payload)
	case !p.Queue.Partial:
		return batch, nil
	}
	return succeeded(batch, result.Payload)
}

// succeeded are the messages that a function does not report.
func succeeded(batch []message, result []byte) (done []message, err error) {
	var ids []string
	for _, m := range batch {
		ids = append(ids, m.MessageId)
	}
	reported, err := eventsource.Failures(result, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range batch {
		if !reported[m.MessageId] {
			done = append(done, m)
		}
	}
	if len(done) < len(batch) {
		err = errors.New("the function reports them as failed")
	}
	return done, err
}
