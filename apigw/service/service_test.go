package service_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw/service"
)

func TestAServiceIsFoundByAnyOfItsNames(t *testing.T) {
	for name, want := range map[string]string{
		"states": "states", "SFN": "states", "stepfunctions": "states", "STATES": "states",
		"COGNITO_IDENTITY_PROVIDER": "cognito-idp", "cognito-idp": "cognito-idp",
		"CLOUDWATCH": "monitoring", "CLOUDWATCH_LOGS": "logs", "logs": "logs",
		"EVENTBRIDGE": "events", "SES": "email", "APPSYNC_API": "appsync-api", "DYNAMODB_STREAMS": "dynamodbstreams", "frobnicator": "frobnicator",
	} {
		if got := service.Find(name).Name; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	for _, s := range service.All() {
		if got := service.Find(s.Name); got != s {
			t.Errorf("%s is found as %+v", s.Name, got)
		}
		if got := service.Find(strings.TrimPrefix(s.EndpointVariable(), "AWS_ENDPOINT_URL_")); got != s {
			t.Errorf("%s is found as %+v", s.EndpointVariable(), got)
		}
	}
}

func TestAnEndpointIsTheGivenOneThenOurOwn(t *testing.T) {
	e, err := service.NewEndpoints(map[string]string{"SFN": "http://127.0.0.1:1", "dynamodb": "http://127.0.0.1:3"}, "http://127.0.0.1:2", "logs", "states")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"states": "http://127.0.0.1:1", "logs": "http://127.0.0.1:2", "dynamodbstreams": "http://127.0.0.1:3"} {
		if got, err := e.URL(service.Find(name)); err != nil || got.String() != want {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	_, err = e.URL(service.Find("sqs"))
	if want := "no endpoint for service sqs: give --service-endpoint sqs=URL"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for _, bad := range []string{"localhost:4566", "ftp://x", "http://", "%"} {
		if _, err := service.NewEndpoints(map[string]string{"sqs": bad}, ""); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// counted keys give out a new key each time, for an hour.
type counted struct {
	now   func() time.Time
	given int
}

func (c *counted) Assume(context.Context, string) (aws.Credentials, error) {
	c.given++
	return aws.Credentials{AccessKeyID: strconv.Itoa(c.given), CanExpire: true, Expires: c.now().Add(time.Hour)}, nil
}

func (c *counted) Caller(context.Context, string) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("nobody")
}

func TestARoleIsAssumedOnceAnHour(t *testing.T) {
	now := time.Unix(0, 0)
	clock := func() time.Time { return now }
	keys := &counted{now: clock}
	s := service.NewSessions(keys, clock)
	next := func(role, want string) {
		t.Helper()
		if c, err := s.Role(t.Context(), role); err != nil || c.AccessKeyID != want {
			t.Errorf("%s has %s, want %s (%v)", role, c.AccessKeyID, want, err)
		}
	}
	next("a", "1")
	next("a", "1")
	next("b", "2")
	now = now.Add(51 * time.Minute)
	next("a", "3")
	s.Forget()
	next("a", "4")
}
