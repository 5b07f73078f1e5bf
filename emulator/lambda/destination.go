package lambda

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// A Delivery is what is told to a destination of invocations or of a stream's records, or sent to a dead-letter queue.
type Delivery struct {
	To          string // ARN of a queue, topic, event bus or bucket
	RoleARN     string // of the function, in whose name it is sent
	FunctionARN string // qualified
	RequestID   string
	Success     bool
	Time        time.Time
	Body        []byte
	Folder      string // of a bucket's object, below aws/lambda; "" is that of asynchronous invocations
	// Attributes go along to a dead-letter queue: name → type and value.
	Attributes map[string][2]string
}

// How an asynchronous invocation ended, as destinations are told.
const (
	conditionSuccess = "Success"
	conditionRetries = "RetriesExhausted"
	conditionAge     = "EventAgeExceeded"
	conditionZero    = "ZeroReservedConcurrency"
)

// A outcome is how an event ended.
type outcome struct {
	condition string
	reason    string // for the log
	result    *lambdarunner.Result
	version   string // that ran last
}

// An asyncRecord is what a destination is told (recorded). What has not run has no response.
type asyncRecord struct {
	Version        string `json:"version"`
	Timestamp      string `json:"timestamp"`
	RequestContext struct {
		RequestID              string `json:"requestId"`
		FunctionARN            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	RequestPayload  json.RawMessage       `json:"requestPayload"`
	ResponseContext *asyncResponseContext `json:"responseContext,omitempty"`
	ResponsePayload json.RawMessage       `json:"responsePayload,omitempty"`
}

type asyncResponseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"`
}

func newRecordOf(id string, e event, o outcome, now time.Time) ([]byte, error) {
	var r asyncRecord
	r.Version, r.Timestamp = "1.0", now.UTC().Format("2006-01-02T15:04:05.000Z")
	r.RequestContext.RequestID, r.RequestContext.FunctionARN = id, qualified(e.Function).arn()
	r.RequestContext.Condition, r.RequestContext.ApproximateInvokeCount = o.condition, e.Failures
	r.RequestPayload = e.Payload
	if o.condition == conditionSuccess {
		r.RequestContext.ApproximateInvokeCount++
	}
	if o.result != nil {
		r.ResponseContext = &asyncResponseContext{StatusCode: 200, ExecutedVersion: o.version, FunctionError: o.result.FunctionError}
		r.ResponsePayload = o.result.Payload
	}
	return json.Marshal(r)
}

// tell sends what became of an event to whom the function's settings name: a destination, a dead-letter
// queue. What cannot be sent is lost, as on AWS, and logged.
func (q *queue) tell(id string, e event, o outcome, t *target) {
	if t == nil {
		return
	}
	success, failure := destinations(t.async)
	to := failure
	if o.condition == conditionSuccess {
		to = success
	}
	if to != "" {
		body, err := newRecordOf(id, e, o, q.s.Now())
		if err == nil {
			err = q.deliver(to, e, Delivery{
				To: to, RoleARN: t.role, FunctionARN: qualified(e.Function).arn(), RequestID: id,
				Success: o.condition == conditionSuccess, Time: q.s.Now(), Body: body,
			})
		}
		q.delivered("destination", to, id, err)
	}
	if t.deadLetter != "" && o.condition != conditionSuccess {
		q.delivered("dead-letter queue", t.deadLetter, id, q.s.deliver(q.running, deadLetter(id, e, o, t, q.s.Now())))
	}
}

// deadLetter is the event as it was, with why it failed (Developer Guide, "Adding a dead-letter queue").
func deadLetter(id string, e event, o outcome, t *target, now time.Time) Delivery {
	code, message := "200", o.reason
	if o.result == nil {
		code = "429"
	} else {
		var failure struct{ ErrorMessage string }
		if json.Unmarshal(o.result.Payload, &failure) == nil && failure.ErrorMessage != "" {
			message = failure.ErrorMessage
		}
	}
	if len(message) > maxErrorMessage {
		message = message[:maxErrorMessage]
	}
	return Delivery{
		To: t.deadLetter, RoleARN: t.role, FunctionARN: qualified(e.Function).arn(), RequestID: id, Time: now, Body: e.Payload,
		Attributes: map[string][2]string{"RequestID": {"String", id}, "ErrorCode": {"Number", code}, "ErrorMessage": {"String", message}},
	}
}

// maxErrorMessage is how much of an error a dead letter tells: its first KB.
const maxErrorMessage = 1024

// deliver sends to a function itself, and leaves all else to the Deliver of the Options.
func (q *queue) deliver(to string, e event, d Delivery) error {
	if !strings.Contains(to, ":lambda:") {
		return q.s.deliver(q.running, d)
	}
	r, err := splitName(to, store.Scope{Account: e.Function.Account, Region: e.Function.Region})
	if err != nil {
		return err
	}
	t, err := q.s.resolve(q.running, r)
	if err != nil {
		return err
	}
	return q.s.accept(q.running, t, r, &lambdarunner.Invocation{Payload: d.Body, TraceID: newTraceID()})
}

func (s *Service) deliver(ctx context.Context, d Delivery) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	return s.Deliver(ctx, d)
}

const deliveryTimeout = 10 * time.Second

func (q *queue) delivered(what, to, id string, err error) {
	if err != nil {
		q.s.Logger.Warn("what became of an asynchronous event is not told to the "+what, "to", to, "request_id", id, "error", err)
	}
}

// attemptsOf is how often an event is tried again after a function error.
func (q *queue) attemptsOf(t *target) int {
	if t != nil && t.async != nil && t.async.MaximumRetryAttempts != nil {
		return min(int(*t.async.MaximumRetryAttempts), len(q.s.RetryDelays))
	}
	return len(q.s.RetryDelays)
}

// ageOf is how long an event may wait.
func ageOf(t *target) time.Duration {
	if t != nil && t.async != nil && t.async.MaximumEventAgeInSeconds != nil {
		return time.Duration(aws.ToInt32(t.async.MaximumEventAgeInSeconds)) * time.Second
	}
	return maxEventAge
}
