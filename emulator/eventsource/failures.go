package eventsource

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Failures are the ids that a function with ReportBatchItemFailures reports of a batch that has ids. An answer
// that is none, or that reports what was not in the batch, is an error: it fails all. (Developer guide,
// "Implementing partial batch responses" of queues and of streams: success and failure conditions.)
func Failures(result []byte, ids []string) (reported map[string]bool, err error) {
	var answer struct {
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return nil, fmt.Errorf("the function's answer is no batch response: %w", err)
	}
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	reported = map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		switch {
		case f.ItemIdentifier == nil || *f.ItemIdentifier == "":
			return nil, errors.New("the function reports a failure without itemIdentifier")
		case !known[*f.ItemIdentifier]:
			return nil, errors.New("the function reports failures that were not in the batch")
		}
		reported[*f.ItemIdentifier] = true
	}
	return reported, nil
}
