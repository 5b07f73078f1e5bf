package firstclass

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/apigw"
	"postern/apigw/service"
)

// call is a request to a service that speaks JSON.
func call(name, action string, input any) (request, error) {
	s := service.Find(name)
	body, err := json.Marshal(input)
	return request{
		verb: "POST", path: "/", body: body,
		header: apigw.Header{
			{Name: "Content-Type", Value: s.ContentType()},
			{Name: "X-Amz-Target", Value: s.Target + "." + action},
		},
	}, err
}

// members are the given ones of the named parameters, under names that rename makes.
func (v values) members(rename func(string) string, names ...string) map[string]any {
	members := map[string]any{}
	for _, name := range names {
		if value, ok := v[name]; ok {
			members[rename(name)] = value
		}
	}
	return members
}

func asGiven(name string) string { return name }

// execution makes the requests of Step Functions, whose members begin with a small letter.
func execution(action string) func(values) (request, error) {
	return func(v values) (request, error) {
		lower := func(name string) string { return strings.ToLower(name[:1]) + name[1:] }
		return call("states", action, v.members(lower,
			"StateMachineArn", "Name", "Input", "TraceHeader", "ExecutionArn", "Cause", "Error"))
	}
}

// putRecord asks Kinesis to take a record.
//
// Data is base64, as the service wants it; what is not, such as a JSON body, is encoded here. What AWS
// does with it is not documented, and APIs are in use that map $request.body and ones that let their clients encode.
func putRecord(v values) (request, error) {
	input := v.members(asGiven, "StreamName", "Data", "PartitionKey", "SequenceNumberForOrdering", "ExplicitHashKey")
	if _, err := base64.StdEncoding.DecodeString(v["Data"]); err != nil {
		input["Data"] = []byte(v["Data"])
	}
	return call("kinesis", "PutRecord", input)
}

// putEvents asks EventBridge to take one event.
func putEvents(v values) (request, error) {
	entry := v.members(asGiven, "Detail", "DetailType", "Source", "EventBusName", "TraceHeader")
	if given, ok := v["Resources"]; ok {
		entry["Resources"] = list(given)
	}
	if given, ok := v["Time"]; ok {
		seconds, err := epoch(given)
		if err != nil {
			return request{}, err
		}
		entry["Time"] = seconds
	}
	return call("events", "PutEvents", map[string]any{"Entries": []any{entry}})
}

// epoch reads a time: RFC 3339, seconds since 1970, or milliseconds as $context.requestTimeEpoch has.
func epoch(given string) (float64, error) {
	if t, err := time.Parse(time.RFC3339, given); err == nil {
		return float64(t.UnixMilli()) / 1000, nil
	}
	n, err := strconv.ParseFloat(given, 64)
	if err != nil {
		return 0, fmt.Errorf("time %q is neither RFC 3339 nor a number", given)
	}
	if n > 1e11 { // seconds reach that in the year 5138
		n /= 1000
	}
	return n, nil
}

// list reads several values: an array in JSON, or text with commas between them. What AWS takes is not
// documented.
func list(given string) (all []string) {
	if json.Unmarshal([]byte(given), &all) == nil {
		return all
	}
	for part := range strings.SplitSeq(given, ",") {
		all = append(all, strings.TrimSpace(part))
	}
	return all
}
