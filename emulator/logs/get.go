package logs

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// A page of events ends at 10,000 of them or at 1 MB.
const (
	maxPageEvents = 10_000
	maxPageBytes  = 1 << 20
)

// A budget counts what fits into a page.
type budget struct{ events, bytes int }

func newBudget(limit *int32) budget {
	return budget{int(cmp.Or(aws.ToInt32(limit), maxPageEvents)), maxPageBytes}
}

// take is whether one more event fits; the first always does.
func (b *budget) take(e store.LogEvent) bool {
	size := len(e.Message) + store.LogEventOverhead
	if b.events == 0 || size > b.bytes && b.bytes < maxPageBytes {
		return false
	}
	b.events--
	b.bytes -= size
	return true
}

// eventID is the position of an event in 56 digits, as AWS's are: they sort as
// the events do.
func eventID(p store.LogPosition) string {
	return fmt.Sprintf("3%018d%037d", p.Timestamp.UnixMilli(), p.Seq)
}

func parseEventID(id string) (p store.LogPosition, ok bool) {
	if len(id) != 56 || id[0] != '3' {
		return p, false
	}
	ms, err := strconv.ParseInt(id[1:19], 10, 64)
	seq, err2 := strconv.ParseInt(id[19:], 10, 64)
	return store.LogPosition{Timestamp: time.UnixMilli(ms).UTC(), Seq: seq}, err == nil && err2 == nil
}

// A direction is the first letter of a token: forward from a position or backward.
type direction byte

const (
	forward  direction = 'f'
	backward direction = 'b'
)

func (d direction) token(p store.LogPosition) *string {
	return aws.String(string(d) + "/" + eventID(p) + "/s")
}

func parseToken(token string) (d direction, p store.LogPosition, err error) {
	parts := strings.Split(token, "/")
	if len(parts) == 3 && (parts[0] == "f" || parts[0] == "b") && parts[2] == "s" {
		if p, ok := parseEventID(parts[1]); ok {
			return direction(parts[0][0]), p, nil
		}
	}
	return 0, p, invalid("The specified nextToken is invalid.")
}

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
