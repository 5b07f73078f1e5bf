package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"postern/emulator/eventsource"
)

// dynamoDB is a stream of a table of DynamoDB. (DynamoDB Streams API reference.)
type dynamoDB struct {
	call   eventsource.Caller
	arn    string
	region string
}

// keptByDynamoDB is how long a stream of a table has its records.
const keptByDynamoDB = 24 * time.Hour

func (d *dynamoDB) check(ctx context.Context) (time.Duration, error) {
	return keptByDynamoDB, d.call(ctx, "DescribeStream", map[string]any{"StreamArn": d.arn, "Limit": 1}, &struct{}{})
}

func (d *dynamoDB) shards(ctx context.Context) (all []shard, err error) {
	in := map[string]string{"StreamArn": d.arn}
	for {
		var out struct {
			StreamDescription struct {
				Shards []struct {
					ShardId, ParentShardId string
					SequenceNumberRange    struct{ EndingSequenceNumber string }
				}
				LastEvaluatedShardId string
			}
		}
		if err := d.call(ctx, "DescribeStream", in, &out); err != nil {
			return nil, err
		}
		for _, s := range out.StreamDescription.Shards {
			one := shard{id: s.ShardId, closed: s.SequenceNumberRange.EndingSequenceNumber != ""}
			if s.ParentShardId != "" {
				one.parents = []string{s.ParentShardId}
			}
			all = append(all, one)
		}
		if out.StreamDescription.LastEvaluatedShardId == "" {
			return all, nil
		}
		in["ExclusiveStartShardId"] = out.StreamDescription.LastEvaluatedShardId
	}
}

// iterator reads from the oldest record on for a time, which the API has no iterator for: what is older by its
// ApproximateCreationDateTime, in whole seconds, is not meant.
func (d *dynamoDB) iterator(ctx context.Context, shard string, at Position) (string, time.Time, error) {
	in := map[string]string{"StreamArn": d.arn, "ShardId": shard, "ShardIteratorType": at.Start}
	var since time.Time
	switch {
	case at.Sequence != "":
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", at.Sequence
	case !at.At.IsZero():
		in["ShardIteratorType"], since = TrimHorizon, at.At.Truncate(time.Second)
	}
	var out struct{ ShardIterator string }
	err := d.call(ctx, "GetShardIterator", in, &out)
	if err == nil && out.ShardIterator == "" {
		err = fmt.Errorf("the answer of GetShardIterator has none")
	}
	return out.ShardIterator, since, err
}

func (d *dynamoDB) most() int { return 1000 }

// A change is a record of the API; Lambda's events have the same members.
type change struct {
	EventID      string        `json:"eventID"`
	EventName    string        `json:"eventName"`
	EventVersion string        `json:"eventVersion"`
	EventSource  string        `json:"eventSource"`
	AWSRegion    string        `json:"awsRegion"`
	DynamoDB     changeOfItem  `json:"dynamodb"`
	UserIdentity *userIdentity `json:"userIdentity,omitempty"`
	SourceARN    string        `json:"eventSourceARN"`
}

type changeOfItem struct {
	ApproximateCreationDateTime float64         `json:"ApproximateCreationDateTime"`
	Keys                        json.RawMessage `json:"Keys,omitempty"`
	NewImage                    json.RawMessage `json:"NewImage,omitempty"`
	OldImage                    json.RawMessage `json:"OldImage,omitempty"`
	SequenceNumber              string          `json:"SequenceNumber"`
	SizeBytes                   int64           `json:"SizeBytes"`
	StreamViewType              string          `json:"StreamViewType"`
}

// userIdentity is who deletes items whose time is over. The API writes its members with capitals, events without.
type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

func (d *dynamoDB) records(ctx context.Context, _, iterator string, limit int) (all []record, next string, behind bool, err error) {
	var out struct {
		Records           []change
		NextShardIterator string
	}
	if err = d.call(ctx, "GetRecords", map[string]any{"ShardIterator": iterator, "Limit": limit}, &out); err != nil {
		return nil, "", false, err
	}
	for _, c := range out.Records {
		one, err := d.record(c)
		if err != nil {
			return nil, "", false, err
		}
		all = append(all, one)
	}
	return all, out.NextShardIterator, len(all) == limit, nil
}

// record is a change as functions get it. Changes of one item, which its keys name, stay in order.
func (d *dynamoDB) record(c change) (record, error) {
	c.SourceARN = d.arn
	if c.EventSource == "" {
		c.EventSource = "aws:dynamodb"
	}
	if c.AWSRegion == "" {
		c.AWSRegion = d.region
	}
	body, err := json.Marshal(c)
	if err != nil {
		return record{}, err
	}
	key := ""
	if len(c.DynamoDB.Keys) > 0 {
		var keys map[string]any
		if err := json.Unmarshal(c.DynamoDB.Keys, &keys); err != nil {
			return record{}, fmt.Errorf("keys of a record: %w", err)
		}
		b, err := json.Marshal(keys) // sorted
		if err != nil {
			return record{}, err
		}
		key = string(b)
	}
	return record{
		sequence: c.DynamoDB.SequenceNumber, key: key, arrival: fromSeconds(c.DynamoDB.ApproximateCreationDateTime), body: body,
		view: func() map[string]any { return asMap(c) },
	}, nil
}
