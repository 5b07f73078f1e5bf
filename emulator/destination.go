package emulator

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"postern/apigw/service"
	"postern/emulator/lambda"
)

// deliver sends what became of an asynchronous invocation to a queue, topic, event bus or bucket, signed in
// the name of the function's role.
func (e *Emulator) deliver(ctx context.Context, d lambda.Delivery) error {
	parts := strings.SplitN(d.To, ":", 6) // arn:aws:sqs:region:account:name
	if len(parts) < 6 {
		return fmt.Errorf("%q is no ARN", d.To)
	}
	to := destination{e, service.Find(parts[2]), parts[3], parts[4], parts[5]}
	switch to.service.Name {
	case "sqs":
		return to.sendMessage(ctx, d)
	case "sns":
		return to.publish(ctx, d)
	case "events":
		return to.putEvents(ctx, d)
	case "s3":
		return to.putObject(ctx, d)
	}
	return fmt.Errorf("%s is no destination", d.To)
}

// A destination is a resource of a service.
type destination struct {
	e                     *Emulator
	service               service.Service
	region, account, rest string
}

// sendMessage asks for the URL of a queue and sends to it.
func (to destination) sendMessage(ctx context.Context, d lambda.Delivery) error {
	answer, err := to.e.services.Query(ctx, to.service, to.region, "/", d.RoleARN, url.Values{
		"Action": {"GetQueueUrl"}, "QueueName": {to.rest}, "QueueOwnerAWSAccountId": {to.account},
	})
	if err != nil {
		return err
	}
	var found struct {
		URL string `xml:"GetQueueUrlResult>QueueUrl"`
	}
	if err := xml.Unmarshal(answer, &found); err != nil {
		return fmt.Errorf("answer of GetQueueUrl: %w", err)
	}
	queue, err := url.Parse(found.URL)
	if err != nil {
		return fmt.Errorf("answer of GetQueueUrl: %w", err)
	}
	form := url.Values{"Action": {"SendMessage"}, "QueueUrl": {found.URL}, "MessageBody": {string(d.Body)}}
	addAttributes(form, "MessageAttribute", d.Attributes)
	if strings.HasSuffix(to.rest, ".fifo") {
		form.Set("MessageGroupId", d.FunctionARN)
		form.Set("MessageDeduplicationId", d.RequestID)
	}
	_, err = to.e.services.Query(ctx, to.service, to.region, queue.Path, d.RoleARN, form)
	return err
}

// addAttributes writes message attributes as the Query protocol has them, ordered by name.
func addAttributes(form url.Values, list string, attributes map[string][2]string) {
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		entry := list + "." + strconv.Itoa(i+1) + "."
		form.Set(entry+"Name", name)
		form.Set(entry+"Value.DataType", attributes[name][0])
		form.Set(entry+"Value.StringValue", attributes[name][1])
	}
}

func (to destination) publish(ctx context.Context, d lambda.Delivery) error {
	form := url.Values{"Action": {"Publish"}, "TopicArn": {d.To}, "Message": {string(d.Body)}}
	addAttributes(form, "MessageAttributes.entry", d.Attributes)
	_, err := to.e.services.Query(ctx, to.service, to.region, "/", d.RoleARN, form)
	return err
}

// putEvents puts the event that tells of an invocation (Lambda developer guide, "Adding a destination").
func (to destination) putEvents(ctx context.Context, d lambda.Delivery) error {
	how := "Failure"
	if d.Success {
		how = "Success"
	}
	type entry struct {
		EventBusName, Source, DetailType, Detail string
		Resources                                []string
	}
	body, err := json.Marshal(map[string]any{"Entries": []entry{{
		EventBusName: d.To, Source: "lambda", DetailType: "Lambda Function Invocation Result - " + how,
		Detail: string(d.Body), Resources: []string{d.To, d.FunctionARN},
	}}})
	if err != nil {
		return err
	}
	answer, err := to.e.services.Post(ctx, to.service, to.region, "PutEvents", d.RoleARN, body)
	if err != nil {
		return err
	}
	var out struct {
		FailedEntryCount int
		Entries          []struct{ ErrorCode, ErrorMessage string }
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return fmt.Errorf("answer of PutEvents: %w", err)
	}
	if out.FailedEntryCount > 0 && len(out.Entries) > 0 {
		return fmt.Errorf("PutEvents: %s: %s", out.Entries[0].ErrorCode, out.Entries[0].ErrorMessage)
	}
	return nil
}

// putObject stores a failure under the key that Lambda gives it (Lambda developer guide, "Adding a
// destination": aws/lambda/async/<function>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<UUID>; of a stream
// aws/lambda/<UUID of the mapping>/<shard>/ and so on, "Retain discarded batch records").
func (to destination) putObject(ctx context.Context, d lambda.Delivery) error {
	folder := cmp.Or(d.Folder, "async/"+strings.SplitN(d.FunctionARN, ":", 8)[6])
	at := d.Time.UTC()
	path := "/" + to.rest + "/aws/lambda/" + folder + at.Format("/2006/01/02/2006-01-02T15.04.05-") + uuid.NewString()
	header := http.Header{"Content-Type": {"application/json"}}
	_, err := to.e.services.Send(ctx, to.service, cmp.Or(to.region, to.e.config.DefaultRegion), d.RoleARN, service.Call{
		Verb: http.MethodPut, Path: path, Header: header, Body: d.Body,
	})
	return err
}
