package logs

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// GetLogEvents reads a stream from its head or its tail, and on from there in
// both directions. Both tokens are always there; at an end its token stays put.
func (s *Service) GetLogEvents(ctx context.Context, in *cloudwatchlogs.GetLogEventsInput) (*cloudwatchlogs.GetLogEventsOutput, error) {
	group, err := groupOf(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	var c checks
	c.stream("logStreamName", in.LogStreamName)
	c.limit(in.Limit, maxPageEvents)
	if err := c.err(); err != nil {
		return nil, err
	}
	q := store.LogQuery{
		Stream:   streamID(group, *in.LogStreamName),
		From:     milliseconds(in.StartTime, 0),
		Until:    milliseconds(in.EndTime, 0),
		Backward: !aws.ToBool(in.StartFromHead),
	}
	if in.NextToken != nil {
		d, p, err := parseToken(*in.NextToken)
		if err != nil {
			return nil, err
		}
		q.After, q.Backward = &p, d == backward
	}
	var page []store.LogEvent
	err = s.view(ctx, func(tx *store.Tx) error {
		if err := getStream(tx, group, *in.LogStreamName); err != nil {
			return err
		}
		if err := retained(tx, group, &q); err != nil {
			return err
		}
		left := newBudget(in.Limit)
		return events.Events(tx, q, func(e store.LogEvent) bool {
			fits := left.take(e)
			if fits {
				page = append(page, e)
			}
			return fits
		})
	})
	if err != nil {
		return nil, err
	}
	return eventsPage(page, q), nil
}

// eventsPage answers in the order of time, whichever way the page was read.
func eventsPage(page []store.LogEvent, q store.LogQuery) *cloudwatchlogs.GetLogEventsOutput {
	if q.Backward {
		slices.Reverse(page)
	}
	first := store.LogPosition{Timestamp: q.From}
	if q.From.IsZero() {
		first.Timestamp = time.UnixMilli(0)
	}
	if q.After != nil {
		first = *q.After
	}
	last := first
	if len(page) > 0 {
		first, last = page[0].Position(), page[len(page)-1].Position()
	}
	out := &cloudwatchlogs.GetLogEventsOutput{
		Events:            []types.OutputLogEvent{},
		NextForwardToken:  forward.token(last),
		NextBackwardToken: backward.token(first),
	}
	for _, e := range page {
		out.Events = append(out.Events, types.OutputLogEvent{
			IngestionTime: aws.Int64(e.Ingestion.UnixMilli()),
			Message:       aws.String(e.Message),
			Timestamp:     aws.Int64(e.Timestamp.UnixMilli()),
		})
	}
	return out
}

// milliseconds is the time of a member that counts from 1970, plus a few; zero
// where it is absent.
func milliseconds(ms *int64, plus int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	// Tools send the largest number for "no end": beyond any time there is.
	return time.UnixMilli(min(max(*ms, 0), math.MaxInt64/1000) + plus).UTC()
}

// retained keeps a query from events that have expired but are not deleted yet.
func retained(tx *store.Tx, name string, q *store.LogQuery) error {
	g, err := getGroup(tx, name)
	if err != nil {
		return err
	}
	if h := g.Value.horizon(tx.Now()); h.After(q.From) {
		q.From = h
	}
	return nil
}
