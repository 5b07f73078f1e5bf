package firstclass

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"postern/apigw"
	"postern/apigw/service"
)

// query is a request to SQS in the Query protocol, whose answers are XML. It goes to the path of the
// queue's URL, as SDKs sent such requests; where the queue is otherwise is the endpoint's.
func (v values) query(action string, form url.Values, names ...string) (request, error) {
	queue, err := url.Parse(v["QueueUrl"])
	if err != nil {
		return request{}, fmt.Errorf("QueueUrl: %w", err)
	}
	form.Set("Action", action)
	form.Set("Version", service.Find("sqs").Version)
	for _, name := range append([]string{"QueueUrl"}, names...) {
		if value, ok := v[name]; ok {
			form.Set(name, value)
		}
	}
	path := "/"
	if queue.IsAbs() && queue.Path != "" {
		path = queue.EscapedPath()
	}
	return request{
		verb: "POST", path: path, body: []byte(form.Encode()),
		header: apigw.Header{
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded; charset=utf-8"},
			{Name: "Accept", Value: "*/*"}, // SQS would answer JSON to who wants it
		},
	}, nil
}

func sendMessage(v values) (request, error) {
	form := url.Values{}
	for parameter, member := range map[string]string{
		"MessageAttributes": "MessageAttribute", "MessageSystemAttributes": "MessageSystemAttribute",
	} {
		if err := addAttributes(form, member, v[parameter]); err != nil {
			return request{}, fmt.Errorf("%s: %w", parameter, err)
		}
	}
	return v.query("SendMessage", form, "MessageBody", "DelaySeconds", "MessageDeduplicationId", "MessageGroupId")
}

// addAttributes spells message attributes, {"name": {"DataType": "String", "StringValue": "x"}}, as the
// Query protocol does.
func addAttributes(form url.Values, member, given string) error {
	if given == "" {
		return nil
	}
	var all map[string]struct{ DataType, StringValue, BinaryValue string }
	if err := json.Unmarshal([]byte(given), &all); err != nil {
		return err
	}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		prefix, a := member+"."+strconv.Itoa(i+1)+".", all[name]
		form.Set(prefix+"Name", name)
		for key, value := range map[string]string{"DataType": a.DataType, "StringValue": a.StringValue, "BinaryValue": a.BinaryValue} {
			if value != "" {
				form.Set(prefix+"Value."+key, value)
			}
		}
	}
	return nil
}

func receiveMessage(v values) (request, error) {
	form := url.Values{}
	for parameter, member := range map[string]string{"AttributeNames": "AttributeName.", "MessageAttributeNames": "MessageAttributeName."} {
		if given, ok := v[parameter]; ok {
			for i, name := range list(given) {
				form.Set(member+strconv.Itoa(i+1), name)
			}
		}
	}
	return v.query("ReceiveMessage", form, "MaxNumberOfMessages", "ReceiveRequestAttemptId", "VisibilityTimeout", "WaitTimeSeconds")
}

func deleteMessage(v values) (request, error) {
	return v.query("DeleteMessage", url.Values{}, "ReceiptHandle")
}

func purgeQueue(v values) (request, error) { return v.query("PurgeQueue", url.Values{}) }
