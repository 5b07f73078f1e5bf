package logs

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// newestFirst is since when FilterLogEvents can start from the tail.
var newestFirst = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// FilterLogEvents reads the events of all or some streams of a group, interleaved.
func (s *Service) FilterLogEvents(ctx context.Context, in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	name, err := groupOf(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q, err := filterQuery(name, in)
	if err != nil {
		return nil, err
	}
	matches, err := parsePattern(aws.ToString(in.FilterPattern))
	if err != nil {
		return nil, err
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{
		Events: []types.FilteredLogEvent{},
		// Empty since May 2020 (API reference, FilterLogEvents, read 2026-11).
		SearchedLogStreams: []types.SearchedLogStream{},
	}
	err = s.view(ctx, func(tx *store.Tx) error {
		if err := retained(tx, name, &q); err != nil {
			return err
		}
		if err := s.checkStreams(tx, name, in.LogStreamNames); err != nil {
			return err
		}
		left := newBudget(in.Limit)
		var last store.LogPosition
		return events.Events(tx, q, func(e store.LogEvent) bool {
			if !streamSelected(in, streamName(e.Stream)) || !matches(e.Message) {
				return true
			}
			if !left.take(e) {
				out.NextToken = filterToken(q.Backward, last)
				return false
			}
			last = e.Position()
			out.Events = append(out.Events, filtered(e))
			return true
		})
	})
	return out, err
}

func (s *Service) checkStreams(tx *store.Tx, group string, names []string) error {
	for _, n := range names {
		if err := getStream(tx, group, n); err != nil {
			return err
		}
	}
	return nil
}

// filterQuery checks a request and says which events it looks at.
func filterQuery(group string, in *cloudwatchlogs.FilterLogEventsInput) (q store.LogQuery, err error) {
	var c checks
	c.limit(in.Limit, maxPageEvents)
	c.Length("filterPattern", aws.ToString(in.FilterPattern), 0, 1024)
	if in.LogStreamNamePrefix != nil {
		c.stream("logStreamNamePrefix", in.LogStreamNamePrefix)
	}
	if len(in.LogStreamNames) > 100 {
		c.Add("logStreamNames", in.LogStreamNames, "Member must have length less than or equal to 100")
	}
	if err := c.err(); err != nil {
		return q, err
	}
	if in.LogStreamNamePrefix != nil && in.LogStreamNames != nil {
		return q, invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	q = store.LogQuery{
		Group:    group,
		From:     milliseconds(in.StartTime, 0),
		Until:    milliseconds(in.EndTime, 1), // events at endTime are returned, unlike by GetLogEvents
		Backward: in.StartFromHead != nil && !*in.StartFromHead,
	}
	if q.Backward && in.StartTime != nil && q.From.Before(newestFirst) {
		return q, invalid("Setting startFromHead to false is supported only when startTime is on or after Jan 1, 2024 00:00:00 UTC.")
	}
	if len(in.LogStreamNames) == 1 {
		q.Stream = streamID(group, in.LogStreamNames[0])
	}
	if in.NextToken != nil {
		token, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
		if err != nil {
			return q, invalid("The specified nextToken is invalid.")
		}
		d, p, err := parseToken(string(token))
		if err != nil {
			return q, err
		}
		q.After, q.Backward = &p, d == backward
	}
	return q, nil
}

func filterToken(back bool, p store.LogPosition) *string {
	d := forward
	if back {
		d = backward
	}
	return aws.String(base64.RawURLEncoding.EncodeToString([]byte(*d.token(p))))
}

func streamSelected(in *cloudwatchlogs.FilterLogEventsInput, stream string) bool {
	if len(in.LogStreamNames) > 0 {
		return slices.Contains(in.LogStreamNames, stream)
	}
	return strings.HasPrefix(stream, aws.ToString(in.LogStreamNamePrefix))
}

func filtered(e store.LogEvent) types.FilteredLogEvent {
	return types.FilteredLogEvent{
		EventId:       aws.String(eventID(e.Position())),
		IngestionTime: aws.Int64(e.Ingestion.UnixMilli()),
		LogStreamName: aws.String(streamName(e.Stream)),
		Message:       aws.String(e.Message),
		Timestamp:     aws.Int64(e.Timestamp.UnixMilli()),
	}
}
