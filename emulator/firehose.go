package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"postern/apigw"
	"postern/apigw/service"
)

// Limits of what waits for Firehose, and of PutRecordBatch.
const (
	deliveriesWaiting = 4096
	deliveriesAtOnce  = 500
	deliveryBytes     = 3 << 20 // of AWS's 4 MiB, of which base64 takes its share
	deliveryTimeout   = 10 * time.Second
	deliveryGrace     = 3 * time.Second // that is left to what waits when Postern ends
)

// deliveryRole is the role that API Gateway calls Firehose with, of an account.
const deliveryRole = "arn:aws:iam::%s:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"

// deliveries takes records of access logs to delivery streams of Firehose, many at a time and later than
// the calls that they tell of. What does not fit into its queue, or is not taken, is lost, and logged.
type deliveries struct {
	// post calls an action of Firehose with the credentials of a role.
	post   func(ctx context.Context, region, action, roleARN string, body []byte) ([]byte, error)
	logger *slog.Logger

	mu     sync.Mutex // guards what follows
	queue  chan delivery
	ended  chan struct{} // closed when run has returned
	cancel func()        // what run does
	closed bool
	lost   int // since it was last logged
}

// A delivery is one record on its way.
type delivery struct {
	to   apigw.LogDestination
	data []byte
}

// add queues a record.
func (d *deliveries) add(to apigw.LogDestination, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if d.queue == nil {
		d.queue, d.ended = make(chan delivery, deliveriesWaiting), make(chan struct{})
		var ctx context.Context
		ctx, d.cancel = context.WithCancel(context.Background())
		go d.run(ctx, d.queue)
	}
	select {
	case d.queue <- delivery{to, data}:
	default:
		d.lost++
	}
}

// run delivers until the queue is closed and empty.
func (d *deliveries) run(ctx context.Context, queue <-chan delivery) {
	defer close(d.ended)
	for first := range queue {
		batches, order, size := map[apigw.LogDestination][][]byte{}, []apigw.LogDestination(nil), 0
		take := func(r delivery) {
			if batches[r.to] == nil {
				order = append(order, r.to)
			}
			batches[r.to] = append(batches[r.to], r.data)
			size += len(r.data)
		}
		take(first)
		for n := 1; n < deliveriesAtOnce && size < deliveryBytes && len(queue) > 0; n++ {
			take(<-queue)
		}
		for _, to := range order {
			d.deliver(ctx, to, batches[to])
		}
		d.reportLost()
	}
}

func (d *deliveries) reportLost() {
	d.mu.Lock()
	lost := d.lost
	d.lost = 0
	d.mu.Unlock()
	if lost > 0 {
		d.logger.Warn("access logs lost: Firehose is too slow", "records", lost)
	}
}

// deliver sends one batch, and once more those of its records that were not taken.
func (d *deliveries) deliver(ctx context.Context, to apigw.LogDestination, records [][]byte) {
	left, err := d.put(ctx, to, records)
	if err == nil && len(left) > 0 {
		left, err = d.put(ctx, to, left)
	}
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%d of %d records were not taken", len(left), len(records))
	}
	if err != nil {
		d.logger.Warn("access logs lost", "stream", to.Name, "records", len(records), "error", err)
	}
}

// put calls PutRecordBatch and returns the records that were not taken.
func (d *deliveries) put(ctx context.Context, to apigw.LogDestination, records [][]byte) (left [][]byte, err error) {
	type record struct{ Data []byte } // base64 in JSON
	in := struct {
		DeliveryStreamName string
		Records            []record
	}{DeliveryStreamName: to.Name}
	for _, r := range records {
		in.Records = append(in.Records, record{r})
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	answer, err := d.post(ctx, to.Region, "PutRecordBatch", fmt.Sprintf(deliveryRole, to.AccountID), body)
	if err != nil {
		return nil, err
	}
	var out struct{ RequestResponses []struct{ ErrorCode string } }
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, fmt.Errorf("answer of PutRecordBatch: %w", err)
	}
	for i, r := range out.RequestResponses {
		if r.ErrorCode != "" && i < len(records) {
			left = append(left, records[i])
		}
	}
	return left, nil
}

// close delivers what waits and ends the goroutine.
func (d *deliveries) close() {
	d.mu.Lock()
	begun := d.queue != nil && !d.closed
	d.closed = true
	if begun {
		close(d.queue)
	}
	d.mu.Unlock()
	if begun {
		late := time.AfterFunc(deliveryGrace, d.cancel)
		<-d.ended
		late.Stop()
		d.cancel()
	}
}

// postFirehose calls an action of Firehose.
func (e *Emulator) postFirehose(ctx context.Context, region, action, roleARN string, body []byte) ([]byte, error) {
	return e.services.Post(ctx, service.Find("firehose"), region, action, roleARN, body)
}
