package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/store"
)

// CreateLogStream adds a stream to a group.
func (s *Service) CreateLogStream(ctx context.Context, in *cloudwatchlogs.CreateLogStreamInput) (*cloudwatchlogs.CreateLogStreamOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	c.stream("logStreamName", in.LogStreamName)
	if err := c.err(); err != nil {
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, err := getGroup(tx, *in.LogGroupName); err != nil {
			return err
		}
		return exists(insertStream(tx, *in.LogGroupName, *in.LogStreamName), "The specified log stream already exists")
	})
	return &cloudwatchlogs.CreateLogStreamOutput{}, err
}

func insertStream(tx *store.Tx, group, name string) error {
	return streams.Insert(tx, store.Document[stream]{
		ID:     streamID(group, name),
		Parent: &store.Ref{Kind: groups.Name, ID: group},
		Name:   name,
	})
}

// DeleteLogStream removes a stream with its events.
func (s *Service) DeleteLogStream(ctx context.Context, in *cloudwatchlogs.DeleteLogStreamInput) (*cloudwatchlogs.DeleteLogStreamOutput, error) {
	var c checks
	c.group(in.LogGroupName)
	c.stream("logStreamName", in.LogStreamName)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := s.store.Flush(ctx); err != nil { // or what is deferred would make it again
		return nil, err
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		if err := getStream(tx, *in.LogGroupName, *in.LogStreamName); err != nil {
			return err
		}
		return streams.Delete(tx, streamID(*in.LogGroupName, *in.LogStreamName))
	})
	return &cloudwatchlogs.DeleteLogStreamOutput{}, err
}

// DescribeLogStreams lists the streams of a group by name or by their last event.
func (s *Service) DescribeLogStreams(ctx context.Context, in *cloudwatchlogs.DescribeLogStreamsInput) (*cloudwatchlogs.DescribeLogStreamsOutput, error) {
	name, err := groupOf(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	var c checks
	c.limit(in.Limit, describeLimit)
	if in.LogStreamNamePrefix != nil {
		c.stream("logStreamNamePrefix", in.LogStreamNamePrefix)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if in.OrderBy == types.OrderByLastEventTime && in.LogStreamNamePrefix != nil {
		return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	out := &cloudwatchlogs.DescribeLogStreamsOutput{LogStreams: []types.LogStream{}}
	err = s.view(ctx, func(tx *store.Tx) error {
		if _, err := getGroup(tx, name); err != nil {
			return err
		}
		if in.OrderBy == types.OrderByLastEventTime || aws.ToBool(in.Descending) {
			return sortedStreams(tx, name, in, out)
		}
		return namedStreams(tx, name, in, out)
	})
	return out, err
}

// namedStreams is the common order, which the store pages by itself.
func namedStreams(tx *store.Tx, group string, in *cloudwatchlogs.DescribeLogStreamsInput, out *cloudwatchlogs.DescribeLogStreamsOutput) error {
	stats, err := events.Stats(tx, group)
	if err != nil {
		return err
	}
	page, err := streams.List(tx, store.Query{
		Parent: &store.Ref{Kind: groups.Name, ID: group},
		Prefix: streamID(group, aws.ToString(in.LogStreamNamePrefix)),
		After:  aws.ToString(in.NextToken),
		Limit:  int(cmp.Or(aws.ToInt32(in.Limit), describeLimit)),
	})
	if errors.Is(err, store.ErrPosition) {
		return invalid("The specified nextToken is invalid.")
	}
	if err != nil {
		return err
	}
	if page.Next != "" {
		out.NextToken = aws.String(page.Next)
	}
	for _, d := range page.Documents {
		out.LogStreams = append(out.LogStreams, describeStream(tx, group, d, stats[d.ID]))
	}
	return nil
}

// sortedStreams is the other orders: all streams, sorted by a key that cut pages by.
func sortedStreams(tx *store.Tx, group string, in *cloudwatchlogs.DescribeLogStreamsInput, out *cloudwatchlogs.DescribeLogStreamsOutput) error {
	stats, err := events.Stats(tx, group)
	if err != nil {
		return err
	}
	all, err := streams.List(tx, store.Query{
		Parent: &store.Ref{Kind: groups.Name, ID: group},
		Prefix: streamID(group, aws.ToString(in.LogStreamNamePrefix)),
	})
	if err != nil {
		return err
	}
	type item struct {
		key    string
		stream types.LogStream
	}
	var items []item
	for _, d := range all.Documents {
		i := item{streamName(d.ID), describeStream(tx, group, d, stats[d.ID])}
		if in.OrderBy == types.OrderByLastEventTime {
			i.key = fmt.Sprintf("%020d %s", aws.ToInt64(i.stream.LastEventTimestamp), i.key)
		}
		if aws.ToBool(in.Descending) {
			i.key = invert(i.key)
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.key, b.key) })
	page, next, err := cut(items, func(i item) string { return i.key }, in.NextToken, in.Limit)
	out.NextToken = next
	for _, i := range page {
		out.LogStreams = append(out.LogStreams, i.stream)
	}
	return err
}

// invert makes a key that sorts the other way round. The byte at its end makes a
// prefix sort behind what it begins.
func invert(key string) string {
	b := append([]byte(key), 0)
	for i := range b {
		b[i] = math.MaxUint8 - b[i]
	}
	return string(b)
}

func describeStream(tx *store.Tx, group string, d store.Document[stream], stats store.LogStats) types.LogStream {
	name := streamName(d.ID)
	out := types.LogStream{
		Arn:           aws.String(groupARN(tx.Scope(), group) + ":log-stream:" + name),
		CreationTime:  aws.Int64(d.Created.UnixMilli()),
		LogStreamName: aws.String(name),
		//lint:ignore SA1019 AWS still answers it, always 0 since June 2019 (API reference, LogStream)
		StoredBytes: aws.Int64(0),
	}
	if !stats.LastIngestion.IsZero() {
		out.FirstEventTimestamp = aws.Int64(stats.FirstEvent.UnixMilli())
		out.LastEventTimestamp = aws.Int64(stats.LastEvent.UnixMilli())
		out.LastIngestionTime = aws.Int64(stats.LastIngestion.UnixMilli())
		out.UploadSequenceToken = aws.String(sequenceToken(stats.LastIngestion))
	}
	return out
}
