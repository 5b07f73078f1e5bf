package logs

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// Limits of PutLogEvents (API reference, read 2026-11).
const (
	maxBatchBytes  = 1 << 20
	maxBatchEvents = 10_000
	maxFuture      = 2 * time.Hour
	maxPast        = 14 * 24 * time.Hour
	maxSpan        = 24 * time.Hour

	// sweepEvery is how often a group that is written to drops what is too old.
	sweepEvery = time.Hour
)

// PutLogEvents adds events to a stream. They are on disk when it returns.
func (s *Service) PutLogEvents(ctx context.Context, in *cloudwatchlogs.PutLogEventsInput) (*cloudwatchlogs.PutLogEventsOutput, error) {
	if err := checkBatch(in); err != nil {
		return nil, err
	}
	out := &cloudwatchlogs.PutLogEventsOutput{}
	if in.Entity != nil { // AWS too takes the events when it rejects the entity
		out.RejectedEntityInfo = &types.RejectedEntityInfo{ErrorType: types.EntityRejectionErrorTypeUnsupportedLogGroupType}
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := getGroup(tx, *in.LogGroupName)
		if err != nil {
			return err
		}
		if err := getStream(tx, *in.LogGroupName, *in.LogStreamName); err != nil {
			return err
		}
		accepted, rejected := sift(in.LogEvents, g.Value, tx.Now())
		if len(accepted) > 0 && accepted[len(accepted)-1].Timestamp.Sub(accepted[0].Timestamp) > maxSpan {
			return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
		}
		out.RejectedLogEventsInfo = rejected
		out.NextSequenceToken = aws.String(sequenceToken(tx.Now()))
		if err := events.Append(tx, streamID(*in.LogGroupName, *in.LogStreamName), accepted); err != nil {
			return err
		}
		return s.sweep(tx, *in.LogGroupName)
	})
	return out, err
}

func checkBatch(in *cloudwatchlogs.PutLogEventsInput) error {
	var c checks
	c.group(in.LogGroupName)
	c.stream("logStreamName", in.LogStreamName)
	switch n := len(in.LogEvents); {
	case n == 0:
		c.Add("logEvents", "[]", "Member must have length greater than or equal to 1")
	case n > maxBatchEvents:
		c.Add("logEvents", fmt.Sprint(n, " events"), "Member must have length less than or equal to 10000")
	}
	size := 0
	for i, e := range in.LogEvents {
		if aws.ToString(e.Message) == "" {
			c.Add(fmt.Sprintf("logEvents.%d.member.message", i+1), "", "Member must have length greater than or equal to 1")
		}
		size += len(aws.ToString(e.Message)) + store.LogEventOverhead
	}
	if err := c.err(); err != nil {
		return err
	}
	if size > maxBatchBytes {
		return invalid(fmt.Sprintf("Upload too large: %d bytes exceeds limit of %d", size, maxBatchBytes))
	}
	for i, e := range in.LogEvents[1:] {
		if aws.ToInt64(e.Timestamp) < aws.ToInt64(in.LogEvents[i].Timestamp) {
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	return nil
}

// sift takes the events of a sorted batch that are neither too old nor too new.
func sift(batch []types.InputLogEvent, g group, now time.Time) (accepted []store.LogEvent, rejected *types.RejectedLogEventsInfo) {
	var info types.RejectedLogEventsInfo
	for i, e := range batch {
		at := time.UnixMilli(aws.ToInt64(e.Timestamp)).UTC()
		index := aws.Int32(int32(i))
		switch {
		case at.After(now.Add(maxFuture)):
			if info.TooNewLogEventStartIndex == nil {
				info.TooNewLogEventStartIndex = index
			}
		case at.Before(now.Add(-maxPast)):
			*index++ // exclusive
			info.TooOldLogEventEndIndex = index
		case at.Before(g.horizon(now)):
			*index++
			info.ExpiredLogEventEndIndex = index
		default:
			accepted = append(accepted, store.LogEvent{Timestamp: at, Message: *e.Message})
		}
	}
	if len(accepted) < len(batch) {
		rejected = &info
	}
	return accepted, rejected
}

// sequenceToken is what old agents want back. It is not looked at.
func sequenceToken(t time.Time) string { return fmt.Sprintf("49%054d", t.UnixMilli()) }

// horizon is when the events of a group expire that are not older; the zero time
// where none does.
func (g group) horizon(now time.Time) time.Time {
	if g.Retention == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -int(g.Retention))
}

// sweep deletes what a group need not keep, once in a while.
func (s *Service) sweep(tx *store.Tx, name string) error {
	key := groupKey{tx.Scope(), name}
	s.mu.Lock()
	due := tx.Now().Sub(s.swept[key]) >= sweepEvery
	if due {
		s.swept[key] = tx.Now()
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	g, err := getGroup(tx, name)
	if err != nil || g.Value.Retention == 0 {
		return err
	}
	return events.Expire(tx, name, g.Value.horizon(tx.Now()))
}
