package lambda

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/apigw"
	"postern/emulator/wire"
	"postern/lambdarunner"
)

// A response is what a function answers while it runs: an io.ReadCloser over the payload,
// which comes as it is produced, or whole where the function does not stream.
type response struct {
	*io.PipeReader
	writer *io.PipeWriter
	cancel context.CancelFunc

	begun       chan struct{} // closed when the first byte is about to come
	begin       sync.Once
	contentType string

	ended  chan struct{} // closed when the invocation is over; then these are set
	result *lambdarunner.Result
	err    error
}

// Begin implements lambdarunner.ResponseStream.
func (r *response) Begin(contentType string) {
	r.begin.Do(func() {
		r.contentType = contentType
		close(r.begun)
	})
}

func (r *response) Write(b []byte) (int, error) { return r.writer.Write(b) }

// Close ends the reading, whatever is left, and waits until the caller's part in the
// invocation is over. The function itself runs to its end, as on AWS.
func (r *response) Close() error {
	r.cancel()
	err := r.PipeReader.Close()
	<-r.ended
	return err
}

// errFailedLate is what reading ends with if the function failed after it had begun to answer.
var errFailedLate = errors.New("the function failed after it had begun to answer")

// open invokes a function and returns when it has begun to answer, or has failed. An error
// means that it was not run.
func (s *Service) open(ctx context.Context, t *target, fn *lambdarunner.Function, inv *lambdarunner.Invocation) (*response, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &response{cancel: cancel, begun: make(chan struct{}), ended: make(chan struct{})}
	r.PipeReader, r.writer = io.Pipe()
	inv.Stream = r
	go r.run(func() (*lambdarunner.Result, error) { return s.run(ctx, t, fn, inv) })
	select {
	case <-r.begun:
		return r, nil
	case <-r.ended:
	}
	if r.err != nil {
		r.Close()
		return nil, r.err
	}
	return r, nil
}

func (r *response) run(invoke func() (*lambdarunner.Result, error)) {
	defer close(r.ended)
	r.result, r.err = invoke()
	switch {
	case r.err != nil:
		r.writer.CloseWithError(r.err)
	case r.result.Streamed && r.result.FunctionError != "":
		r.writer.CloseWithError(fmt.Errorf("%w: %s", errFailedLate, r.result.Payload))
	case r.result.Streamed:
		r.writer.Close()
	}
}

// buffered returns the Result of an invocation that streamed nothing, nil for one that did.
func (r *response) buffered() *lambdarunner.Result {
	select {
	case <-r.begun:
		return nil
	case <-r.ended:
	}
	if r.result != nil && r.result.Streamed { // both
		return nil
	}
	return r.result
}

// InvokeWithResponseStream invokes a function and sends what it answers as it comes. One that
// does not stream answers in one piece.
func (s *Service) InvokeWithResponseStream(ctx context.Context, in *sdk.InvokeWithResponseStreamInput) (*sdk.InvokeWithResponseStreamOutput, wire.Events, error) {
	r, err := readRef(ctx, invokeAction, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, nil, err
	}
	how := invocationType(types.InvocationType(in.InvocationType))
	inv, err := newInvocation(ctx, &sdk.InvokeInput{Payload: in.Payload, ClientContext: in.ClientContext, TenantId: in.TenantId}, how)
	if err != nil {
		return nil, nil, err
	}
	t, err := s.invocable(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	if t.durable != nil {
		return nil, nil, notEmulated("InvokeWithResponseStream of a durable function")
	}
	inv.InvokedARN, inv.Tail = t.arn, in.LogType == types.LogTypeTail
	out := &sdk.InvokeWithResponseStreamOutput{StatusCode: 200}
	if how == types.InvocationTypeDryRun {
		out.StatusCode = 204
		return out, nil, nil
	}
	fn := t.pick(s.Float64)
	res, err := s.open(ctx, t, fn, inv)
	if err != nil {
		return nil, nil, runError(err)
	}
	out.ExecutedVersion = &fn.Version
	return out, func(send func(any) error) error { return res.send(send, inv.Tail) }, nil
}

// send makes the events of a response and closes it.
func (r *response) send(send func(any) error, tail bool) error {
	defer r.Close()
	if whole := r.buffered(); whole != nil {
		if whole.FunctionError == "" {
			if err := send(chunk(whole.Payload)); err != nil {
				return err
			}
		}
	} else if err := r.sendChunks(send); err != nil {
		return err
	}
	<-r.ended
	if r.err != nil {
		return runError(r.err)
	}
	return send(complete(r.result, tail))
}

func (r *response) sendChunks(send func(any) error) error {
	b := make([]byte, 32<<10)
	for {
		n, err := r.Read(b)
		if n > 0 {
			if err := send(chunk(b[:n])); err != nil {
				return err
			}
		}
		if err != nil {
			return nil // why it ended is in the result
		}
	}
}

func chunk(payload []byte) any {
	return &types.InvokeWithResponseStreamResponseEventMemberPayloadChunk{Value: types.InvokeResponseStreamUpdate{Payload: payload}}
}

func complete(result *lambdarunner.Result, tail bool) any {
	var c types.InvokeWithResponseStreamCompleteEvent
	if result.FunctionError != "" {
		c.ErrorCode, c.ErrorDetails = &result.FunctionError, aws.String(string(result.Payload))
	}
	if tail {
		c.LogResult = aws.String(base64.StdEncoding.EncodeToString(result.LogTail))
	}
	return &types.InvokeWithResponseStreamResponseEventMemberInvokeComplete{Value: c}
}

// streamFor runs a function for an API whose integration streams.
func (s *Service) streamFor(ctx context.Context, t *target, inv *lambdarunner.Invocation) (apigw.Invocation, error) {
	fn := t.pick(s.Float64)
	res, err := s.open(ctx, t, fn, inv)
	if err != nil {
		return apigw.Invocation{}, invokerError(t, err)
	}
	out := apigw.Invocation{RequestID: inv.RequestID, StatusCode: 200, ExecutedVersion: fn.Version}
	if whole := res.buffered(); whole != nil {
		out.Payload, out.FunctionError = whole.Payload, whole.FunctionError
		return out, res.Close()
	}
	out.Stream, out.ContentType = res, res.contentType
	return out, nil
}

// invokerError is what API Gateway is told when no sandbox took the event.
func invokerError(t *target, err error) error {
	if errors.Is(err, lambdarunner.ErrThrottled) {
		return fmt.Errorf("%w: %w", apigw.ErrThrottled, err)
	}
	return fmt.Errorf("invoke %s: %w", t.arn, err)
}
