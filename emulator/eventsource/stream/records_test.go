package stream

import (
	"context"
	"encoding/json"
	"testing"
)

// What a service answers is not trusted to be what it should be; what becomes of it is an event.
func FuzzRecords(f *testing.F) {
	f.Add(`{"Records":[{"ApproximateArrivalTimestamp":1.5E9,"Data":"YQ==","PartitionKey":"k","SequenceNumber":"1"}],"NextShardIterator":"n"}`)
	f.Add(`{"Records":[{"eventID":"1","dynamodb":{"Keys":{"id":{"S":"a"}},"SequenceNumber":"1"},"userIdentity":{"Type":"Service"}}]}`)
	f.Add(`{"Records":[{"dynamodb":{"Keys":[1],"NewImage":null,"SequenceNumber":"1"}}]}`)
	f.Add(`{"Records":[{"ApproximateArrivalTimestamp":-1e308,"dynamodb":{"ApproximateCreationDateTime":1e308}}]}`)
	f.Fuzz(func(t *testing.T, answer string) {
		call := func(_ context.Context, _ string, _, out any) error { return json.Unmarshal([]byte(answer), out) }
		role := func(context.Context) (string, error) { return "arn:role", nil }
		for _, s := range []source{&kinesis{call: call, role: role}, &dynamoDB{call: call}} {
			all, _, _, err := s.records(t.Context(), "s", "i", 1)
			if err != nil {
				continue
			}
			for _, r := range all {
				if !json.Valid(r.body) || r.view() == nil {
					t.Errorf("%s", r.body)
				}
			}
		}
	})
}
