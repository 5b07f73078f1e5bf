package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"postern/emulator/eventsource"
)

// kinesis is a stream of Kinesis. (Kinesis Data Streams API reference.)
type kinesis struct {
	call      eventsource.Caller
	arn, name string // of the stream
	source    string // the mapping's, which may be a consumer
	region    string
	role      func(context.Context) (string, error)
}

// check asks for the consumer, too, of a mapping of one. Unlike AWS, its stream is read as any other is, instead
// of being pushed.
func (k *kinesis) check(ctx context.Context) (time.Duration, error) {
	if strings.Contains(k.source, "/consumer/") {
		if err := k.call(ctx, "DescribeStreamConsumer", map[string]string{"ConsumerARN": k.source}, &struct{}{}); err != nil {
			return 0, err
		}
	}
	var out struct {
		StreamDescriptionSummary struct{ RetentionPeriodHours int }
	}
	err := k.call(ctx, "DescribeStreamSummary", map[string]string{"StreamName": k.name, "StreamARN": k.arn}, &out)
	return time.Duration(out.StreamDescriptionSummary.RetentionPeriodHours) * time.Hour, err
}

func (k *kinesis) shards(ctx context.Context) (all []shard, err error) {
	in := map[string]string{"StreamName": k.name, "StreamARN": k.arn}
	for {
		var out struct {
			Shards []struct {
				ShardId, ParentShardId, AdjacentParentShardId string
				SequenceNumberRange                           struct{ EndingSequenceNumber string }
			}
			NextToken string
		}
		if err := k.call(ctx, "ListShards", in, &out); err != nil {
			return nil, err
		}
		for _, s := range out.Shards {
			one := shard{id: s.ShardId, closed: s.SequenceNumberRange.EndingSequenceNumber != ""}
			for _, parent := range []string{s.ParentShardId, s.AdjacentParentShardId} {
				if parent != "" {
					one.parents = append(one.parents, parent)
				}
			}
			all = append(all, one)
		}
		if out.NextToken == "" {
			return all, nil
		}
		in = map[string]string{"NextToken": out.NextToken} // and nothing else, says the API reference
	}
}

func (k *kinesis) iterator(ctx context.Context, shard string, at Position) (string, time.Time, error) {
	in := map[string]any{"StreamName": k.name, "StreamARN": k.arn, "ShardId": shard, "ShardIteratorType": at.Start}
	switch {
	case at.Sequence != "":
		in["ShardIteratorType"], in["StartingSequenceNumber"] = "AFTER_SEQUENCE_NUMBER", at.Sequence
	case !at.At.IsZero():
		in["ShardIteratorType"], in["Timestamp"] = AtTimestamp, seconds(at.At)
	}
	var out struct{ ShardIterator string }
	err := k.call(ctx, "GetShardIterator", in, &out)
	if err == nil && out.ShardIterator == "" {
		err = fmt.Errorf("the answer of GetShardIterator has none")
	}
	return out.ShardIterator, time.Time{}, err
}

func (k *kinesis) most() int { return 10000 }

type kinesisRecord struct {
	ApproximateArrivalTimestamp  float64
	Data                         []byte
	PartitionKey, SequenceNumber string
}

func (k *kinesis) records(ctx context.Context, shard, iterator string, limit int) (all []record, next string, behind bool, err error) {
	var out struct {
		Records            []kinesisRecord
		NextShardIterator  string
		MillisBehindLatest int64
	}
	if err = k.call(ctx, "GetRecords", map[string]any{"ShardIterator": iterator, "Limit": limit}, &out); err != nil {
		return nil, "", false, err
	}
	role := ""
	if len(out.Records) > 0 {
		if role, err = k.role(ctx); err != nil {
			return nil, "", false, err
		}
	}
	for _, r := range out.Records {
		one, err := k.record(shard, role, r)
		if err != nil {
			return nil, "", false, err
		}
		all = append(all, one)
	}
	return all, out.NextShardIterator, out.MillisBehindLatest > 0, nil
}

// kinesisData is the part of an event's record that filters see.
type kinesisData struct {
	KinesisSchemaVersion        string      `json:"kinesisSchemaVersion"`
	PartitionKey                string      `json:"partitionKey"`
	SequenceNumber              string      `json:"sequenceNumber"`
	Data                        any         `json:"data"`
	ApproximateArrivalTimestamp json.Number `json:"approximateArrivalTimestamp"`
}

// record is one as recorded in events of Lambda, with the members in AWS's order.
func (k *kinesis) record(shard, role string, r kinesisRecord) (record, error) {
	data := kinesisData{"1.0", r.PartitionKey, r.SequenceNumber, r.Data, json.Number(strconv.FormatFloat(r.ApproximateArrivalTimestamp, 'f', 3, 64))}
	body, err := json.Marshal(struct {
		Kinesis           kinesisData `json:"kinesis"`
		EventSource       string      `json:"eventSource"`
		EventVersion      string      `json:"eventVersion"`
		EventID           string      `json:"eventID"`
		EventName         string      `json:"eventName"`
		InvokeIdentityARN string      `json:"invokeIdentityArn"`
		AWSRegion         string      `json:"awsRegion"`
		EventSourceARN    string      `json:"eventSourceARN"`
	}{data, "aws:kinesis", "1.0", shard + ":" + r.SequenceNumber, "aws:kinesis:record", role, k.region, k.source})
	return record{
		sequence: r.SequenceNumber, key: r.PartitionKey, arrival: fromSeconds(r.ApproximateArrivalTimestamp), body: body,
		view: func() map[string]any {
			data.Data = string(r.Data)
			var decoded any
			if json.Unmarshal(r.Data, &decoded) == nil {
				data.Data = decoded
			}
			return asMap(data)
		},
	}, err
}

// asMap is a value as encoding/json reads it back; nil for what is no object.
func asMap(v any) (out map[string]any) {
	if b, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(b, &out)
	}
	return out
}

// seconds and fromSeconds are times as the APIs have them: seconds, with milliseconds as a fraction.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func fromSeconds(s float64) time.Time { return time.UnixMilli(int64(math.Round(s * 1000))).UTC() }
