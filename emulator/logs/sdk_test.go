package logs_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"postern/emulator/logs"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// The way through the wire: the SDK's client against a real server.
func TestTheSDKWritesAndReadsALog(t *testing.T) {
	ctx := context.Background()
	st, err := store.Open(ctx, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	mux := wire.NewMux(wire.Options{Services: []wire.Service{logs.New(logs.Options{Store: st}).Wire()}})
	server := httptest.NewServer(mux)
	defer server.Close()
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		BaseEndpoint: &server.URL, Region: "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("123456789012", "secret", ""),
	})

	group, stream := aws.String("/aws/lambda/hello"), aws.String("2026/03/04/[$LATEST]0123")
	if _, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	var there *types.ResourceAlreadyExistsException
	if !errors.As(err, &there) || there.ErrorMessage() != "The specified log group already exists" {
		t.Errorf("%v", err)
	}
	if _, err := client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixMilli()
	_, err = client.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: []types.InputLogEvent{
		{Timestamp: &now, Message: aws.String(`{"level":"ERROR"}`)}, {Timestamp: &now, Message: aws.String(`{"level":"INFO"}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, FilterPattern: aws.String(`{ $.level = "ERROR" }`)})
	if err != nil || len(found.Events) != 1 || *found.Events[0].Timestamp != now || *found.Events[0].LogStreamName != *stream {
		t.Errorf("%+v %v", found, err)
	}
	groups, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].Arn != "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hello:*" {
		t.Errorf("%+v %v", groups, err)
	}
}
