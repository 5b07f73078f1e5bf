package streamtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Stream is one stream, of Kinesis or of a table as its ARN says. It is an http.Handler.
type Stream struct {
	ARN string

	mu         sync.Mutex // guards the rest
	shards     []*shard
	sequence   int
	generation int // of iterators; those of an earlier one are expired
	throttled  int // of the requests for records that come next
	calls      map[string]int
}

type shard struct {
	id      string
	parents []string
	closed  bool
	records []record
	trimmed int // records that are not kept any more
}

type record struct {
	sequence, key, data string
	at                  time.Time
}

// page is how many shards a list has at once.
const page = 2

// New makes a stream with open shards.
func New(arn string, shards ...string) *Stream {
	s := &Stream{ARN: arn, calls: map[string]int{}, sequence: 1000}
	for _, id := range shards {
		s.shards = append(s.shards, &shard{id: id})
	}
	return s
}

// Put adds a record to a shard and returns its sequence number. In a stream of a table it is a new item with the key
// as its id and the data as its attribute data.
func (s *Stream) Put(shard, key, data string) string { return s.PutAt(shard, key, data, time.Now()) }

// PutAt is Put with a time of arrival.
func (s *Stream) PutAt(id, key, data string, at time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence++
	to := s.find(id)
	to.records = append(to.records, record{strconv.Itoa(s.sequence), key, data, at.Truncate(time.Millisecond)})
	return strconv.Itoa(s.sequence)
}

// Split closes shards and opens one or more in their place: more than one parent is a merge.
func (s *Stream) Split(parents []string, children ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range parents {
		s.find(id).closed = true
	}
	for _, id := range children {
		s.shards = append(s.shards, &shard{id: id, parents: parents})
	}
}

// Trim forgets the records of a shard.
func (s *Stream) Trim(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(id).trimmed = len(s.find(id).records)
}

// ExpireIterators makes all iterators given out so far useless.
func (s *Stream) ExpireIterators() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
}

// Throttle refuses the next n requests for records.
func (s *Stream) Throttle(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttled = n
}

// Calls is how often an action was called.
func (s *Stream) Calls(action string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[action]
}

// find is a shard; mu is held.
func (s *Stream) find(id string) *shard {
	i := slices.IndexFunc(s.shards, func(one *shard) bool { return one.id == id })
	if i < 0 {
		return nil
	}
	return s.shards[i]
}

// A refusal is an error of the services: its name.
type refusal string

func (r refusal) Error() string { return string(r) }

// An input has the members of all actions.
type input struct {
	StreamName, StreamARN, StreamArn, ConsumerARN string
	NextToken, ExclusiveStartShardId              string
	ShardId, ShardIteratorType, ShardIterator     string
	StartingSequenceNumber, SequenceNumber        string
	Timestamp                                     float64
	Limit                                         int
}

func (s *Stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in input
	err := json.NewDecoder(r.Body).Decode(&in)
	target, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	want, version := "Kinesis_20131202", "1.1"
	if s.table() {
		want, version = "DynamoDBStreams_20120810", "1.0"
	}
	var out any
	if target != want || r.Header.Get("Content-Type") != "application/x-amz-json-"+version {
		err = refusal("UnknownOperationException")
	}
	if err == nil {
		out, err = s.act(action, in)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+version)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]string{"__type": "com.amazonaws#" + err.Error(), "message": "refused"}
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Stream) table() bool { return strings.Contains(s.ARN, ":dynamodb:") }

func (s *Stream) act(action string, in input) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[action]++
	if arn := in.StreamARN + in.StreamArn; arn != "" && arn != s.ARN || in.StreamName != "" && !strings.HasSuffix(s.ARN, "/"+in.StreamName) {
		return nil, refusal("ResourceNotFoundException")
	}
	switch action {
	case "DescribeStreamSummary":
		return map[string]any{"StreamDescriptionSummary": map[string]any{"RetentionPeriodHours": 24}}, nil
	case "DescribeStreamConsumer":
		if in.ConsumerARN != s.ARN+"/consumer/c:1" {
			return nil, refusal("ResourceNotFoundException")
		}
		return map[string]any{"ConsumerDescription": map[string]string{}}, nil
	case "ListShards":
		all, next := s.list(in.NextToken, page)
		return map[string]any{"Shards": all, "NextToken": next}, nil
	case "DescribeStream":
		all, next := s.list(in.ExclusiveStartShardId, page)
		return map[string]any{"StreamDescription": map[string]any{"Shards": all, "LastEvaluatedShardId": next}}, nil
	case "GetShardIterator":
		return s.begin(in)
	case "GetRecords":
		return s.records(in)
	}
	return nil, refusal("UnknownOperationException")
}

// list is a page of the shards after one.
func (s *Stream) list(after string, most int) (all []map[string]any, next string) {
	i := slices.IndexFunc(s.shards, func(one *shard) bool { return one.id == after }) + 1
	for _, one := range s.shards[i:min(i+most, len(s.shards))] {
		described := map[string]any{"ShardId": one.id}
		sequences := map[string]string{"StartingSequenceNumber": "1"}
		if one.closed {
			sequences["EndingSequenceNumber"] = strconv.Itoa(s.sequence)
		}
		described["SequenceNumberRange"] = sequences
		for i, parent := range one.parents {
			described[[]string{"ParentShardId", "AdjacentParentShardId"}[i]] = parent
		}
		all = append(all, described)
		next = one.id
	}
	if i+most >= len(s.shards) {
		next = ""
	}
	return all, next
}

func (s *Stream) begin(in input) (any, error) {
	one := s.find(in.ShardId)
	if one == nil {
		return nil, refusal("ResourceNotFoundException")
	}
	sequence := in.StartingSequenceNumber + in.SequenceNumber
	at := 0
	switch in.ShardIteratorType {
	case "TRIM_HORIZON":
	case "LATEST":
		at = len(one.records)
	case "AT_TIMESTAMP":
		from := time.UnixMilli(int64(in.Timestamp * 1000))
		for at < len(one.records) && one.records[at].at.Before(from) {
			at++
		}
	case "AFTER_SEQUENCE_NUMBER":
		at = slices.IndexFunc(one.records, func(r record) bool { return r.sequence == sequence }) + 1
		if at == 0 {
			return nil, refusal("InvalidArgumentException")
		}
		if at < one.trimmed {
			return nil, refusal("TrimmedDataAccessException")
		}
	default:
		return nil, refusal("ValidationException")
	}
	return map[string]string{"ShardIterator": s.iterator(one, at)}, nil
}

func (s *Stream) iterator(one *shard, at int) string {
	return fmt.Sprintf("%s %d %d", one.id, at, s.generation)
}

func (s *Stream) records(in input) (any, error) {
	if s.throttled > 0 {
		s.throttled--
		return nil, refusal("ProvisionedThroughputExceededException")
	}
	var id string
	var at, generation int
	if _, err := fmt.Sscanf(in.ShardIterator, "%s %d %d", &id, &at, &generation); err != nil || s.find(id) == nil {
		return nil, refusal("ValidationException")
	}
	if generation != s.generation {
		return nil, refusal("ExpiredIteratorException")
	}
	one := s.find(id)
	at = max(at, one.trimmed)
	end := min(at+in.Limit, len(one.records))
	out := map[string]any{"Records": s.wire(one.records[at:end]), "MillisBehindLatest": 0}
	if end < len(one.records) {
		out["MillisBehindLatest"] = 1000
	}
	if !one.closed || end < len(one.records) {
		out["NextShardIterator"] = s.iterator(one, end)
	}
	return out, nil
}

// wire is records as the services write them.
func (s *Stream) wire(records []record) []any {
	all := []any{}
	for _, r := range records {
		if !s.table() {
			all = append(all, map[string]any{
				"SequenceNumber": r.sequence, "PartitionKey": r.key, "Data": []byte(r.data), "ApproximateArrivalTimestamp": float64(r.at.UnixMilli()) / 1000,
			})
			continue
		}
		image := map[string]any{"id": map[string]string{"S": r.key}, "data": map[string]string{"S": r.data}}
		all = append(all, map[string]any{
			"eventID": "e" + r.sequence, "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
			"dynamodb": map[string]any{
				"ApproximateCreationDateTime": r.at.Unix(), "Keys": map[string]any{"id": image["id"]}, "NewImage": image,
				"SequenceNumber": r.sequence, "SizeBytes": len(r.key) + len(r.data), "StreamViewType": "NEW_IMAGE",
			},
		})
	}
	return all
}
