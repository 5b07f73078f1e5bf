package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"postern/apigw/service"
)

// callSource calls an action of SQS, Kinesis or DynamoDB Streams for a source of events, all of which speak JSON.
func (e *Emulator) callSource(ctx context.Context, sourceARN, roleARN, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	parts := append(strings.SplitN(sourceARN, ":", 6), "", "", "", "") // arn:aws:sqs:region:…
	s, region := service.Find(parts[2]), parts[3]
	target, contentType := s.Target, s.ContentType()
	switch s.Name {
	case "sqs": // which integrations speak the Query protocol with
		target, contentType = "AmazonSQS", "application/x-amz-json-1.0"
	case "dynamodb":
		s = service.Find("dynamodbstreams")
		target, contentType = s.Target, s.ContentType()
	}
	header := http.Header{"Content-Type": {contentType}, "X-Amz-Target": {target + "." + action}}
	answer, err := e.services.Send(ctx, s, region, roleARN, service.Call{Verb: http.MethodPost, Path: "/", Header: header, Body: body})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("answer of %s: %w", action, err)
	}
	return nil
}
