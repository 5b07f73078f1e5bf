package queue

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"postern/emulator/eventsource"
)

// A Queue is an SQS queue whose messages a function gets.
type Queue struct {
	ARN       string
	BatchSize int                    // at most so many messages in an event
	Window    time.Duration          // that is waited for a batch to fill, from its first message on
	Filters   []*eventsource.Pattern // a message that none of them wants is deleted; nil: all are wanted
	Partial   bool                   // the function reports what of a batch has failed (ReportBatchItemFailures)
	// Concurrency is how many batches may be with the function at once; 0 is AWS's 1000.
	Concurrency int
}

const (
	maxReceived  = 10 // messages that SQS gives out at once
	longPoll     = 20 * time.Second
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// A Poller works a queue off.
type Poller struct {
	Queue  Queue
	Call   eventsource.Caller
	Invoke eventsource.Invoker
	Logger *slog.Logger
	Now    func() time.Time
}

// parts of arn:aws:sqs:{region}:{account}:{name}.
func (q *Queue) parts() (region, account, name string) {
	p := append(strings.SplitN(q.ARN, ":", 6), "", "", "", "", "", "")
	return p[3], p[4], p[5]
}

// URL asks for the URL of the queue.
func (p *Poller) URL(ctx context.Context) (string, error) {
	_, account, name := p.Queue.parts()
	var out struct{ QueueUrl string }
	err := p.Call(ctx, "GetQueueUrl", map[string]string{"QueueName": name, "QueueOwnerAWSAccountId": account}, &out)
	if err == nil && out.QueueUrl == "" {
		err = errors.New("the answer of GetQueueUrl has no QueueUrl")
	}
	return out.QueueUrl, err
}

// visibility asks how long messages stay hidden that were received; 0 where that is not known.
func (p *Poller) visibility(ctx context.Context, url string) time.Duration {
	var out struct {
		Attributes struct{ VisibilityTimeout string }
	}
	in := map[string]any{"QueueUrl": url, "AttributeNames": []string{"VisibilityTimeout"}}
	if err := p.Call(ctx, "GetQueueAttributes", in, &out); err != nil {
		return 0
	}
	seconds, _ := strconv.Atoi(out.Attributes.VisibilityTimeout)
	return time.Duration(seconds) * time.Second
}

// Visibility is how long messages stay hidden that were received; 0 where the queue does not say.
func (p *Poller) Visibility(ctx context.Context) time.Duration {
	url, err := p.URL(ctx)
	if err != nil {
		return 0
	}
	return p.visibility(ctx, url)
}

// Run works the queue off until ctx ends, and waits for the batches that are with the function. What SQS
// refuses is tried again, later and later.
func (p *Poller) Run(ctx context.Context) {
	workers := newWorkers(p.Queue.Concurrency)
	defer workers.wait()
	url, hidden, pause := "", time.Duration(0), eventsource.Pause{First: firstPause, Most: longestPause}
	for ctx.Err() == nil {
		var batch []message
		var err error
		if url == "" {
			if url, err = p.URL(ctx); err == nil {
				hidden = p.visibility(ctx, url)
			}
		}
		if err == nil {
			batch, err = p.fill(ctx, url)
		}
		if err != nil {
			if ctx.Err() == nil {
				p.Logger.Warn("queue is not polled", "queue", p.Queue.ARN, "again_in", pause.Next(), "error", err)
			}
			url = "" // it may be another one by then
			pause.Wait(ctx)
			continue
		}
		pause.Reset()
		if len(batch) == 0 {
			workers.shrink()
			continue
		}
		until := p.Now().Add(hidden / 2)
		if !workers.run(ctx, func() { p.serve(ctx, url, batch, until) }) {
			return // the messages are seen again when their visibility timeout is over
		}
	}
}

// A message is one of SQS's.
type message struct {
	MessageId, ReceiptHandle, Body    string
	MD5OfBody, MD5OfMessageAttributes string
	Attributes                        map[string]string
	MessageAttributes                 map[string]attribute
}

type attribute struct {
	DataType    string
	StringValue *string
	BinaryValue []byte
}

// fill receives messages until there is a batch: what came first, or more of them if the mapping waits.
// Messages that nobody wants are deleted and not counted.
func (p *Poller) fill(ctx context.Context, url string) (batch []message, err error) {
	var until time.Time
	size := 0
	for {
		within := longPoll
		if len(batch) > 0 {
			if within = until.Sub(p.Now()); within <= 0 {
				return batch, nil
			}
		}
		got, err := p.receive(ctx, url, p.Queue.BatchSize-len(batch), within)
		if err != nil {
			return batch, ignoreAfter(batch, err)
		}
		wanted, unwanted := p.sort(got)
		if err := p.delete(ctx, url, unwanted); err != nil {
			return batch, ignoreAfter(batch, err)
		}
		if len(batch) == 0 && len(wanted) > 0 {
			until = p.Now().Add(p.Queue.Window)
		}
		batch = append(batch, wanted...)
		for _, m := range wanted {
			size += m.size()
		}
		if len(batch) >= p.Queue.BatchSize || size >= maxPayload || len(batch) > 0 && p.Queue.Window == 0 || len(batch) == 0 {
			return batch, nil
		}
	}
}

// ignoreAfter is an error that counts only if there is no batch yet.
func ignoreAfter(batch []message, err error) error {
	if len(batch) > 0 {
		return nil
	}
	return err
}

func (p *Poller) receive(ctx context.Context, url string, most int, within time.Duration) ([]message, error) {
	in := map[string]any{
		"QueueUrl": url, "MaxNumberOfMessages": min(most, maxReceived), "WaitTimeSeconds": int(min(within, longPoll) / time.Second),
		"AttributeNames": []string{"All"}, "MessageSystemAttributeNames": []string{"All"}, "MessageAttributeNames": []string{"All"},
	}
	var out struct{ Messages []message }
	err := p.Call(ctx, "ReceiveMessage", in, &out)
	return out.Messages, err
}

func (p *Poller) sort(all []message) (wanted, unwanted []message) {
	if len(p.Queue.Filters) == 0 {
		return all, nil
	}
	for _, m := range all {
		if eventsource.Wanted(p.Queue.Filters, p.filtered(m)) {
			wanted = append(wanted, m)
		} else {
			unwanted = append(unwanted, m)
		}
	}
	return wanted, unwanted
}

// delete deletes messages, as many at a time as SQS takes.
func (p *Poller) delete(ctx context.Context, url string, all []message) error {
	type entry struct{ Id, ReceiptHandle string }
	for len(all) > 0 {
		n := min(len(all), maxReceived)
		var entries []entry
		for _, m := range all[:n] {
			entries = append(entries, entry{m.MessageId, m.ReceiptHandle})
		}
		var out struct {
			Failed []struct{ Id, Code, Message string }
		}
		if err := p.Call(ctx, "DeleteMessageBatch", map[string]any{"QueueUrl": url, "Entries": entries}, &out); err != nil {
			return err
		}
		for _, f := range out.Failed {
			p.Logger.Warn("message is not deleted and will come again", "queue", p.Queue.ARN, "message", f.Id, "code", f.Code, "error", f.Message)
		}
		all = all[n:]
	}
	return nil
}
