package wire

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// Events sends the events of an answer that is a stream. An event is a member of the
// SDK's union: *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk. Each is
// on its way to the client when send returns; send fails once the client has gone.
// An error that Events returns ends the stream as an exception.
type Events func(send func(event any) error) error

// Stream makes an Operation that answers with an event stream. fn's output is the
// head of the answer: it is sent before the first event.
func Stream[I, O any](name string, fn func(context.Context, *I) (*O, Events, error)) Operation {
	op := Operation{Name: name, newInput: func() any { return new(I) }}
	op.stream = func(ctx context.Context, in any) (any, Events, error) { return fn(ctx, in.(*I)) }
	return op
}

// An eventWriter frames the events of one answer.
type eventWriter struct {
	codec   *codec
	w       http.ResponseWriter
	encoder *eventstream.Encoder
}

// answerStream writes the head and then what events sends.
func (m *Mux) answerStream(w http.ResponseWriter, r *http.Request, o *route, out reflect.Value, events Events, id string) {
	c := o.codec
	status, _ := c.head(w, o, out)
	if h := w.Header(); h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/vnd.amazon.eventstream")
	}
	w.WriteHeader(status)
	e := &eventWriter{codec: c, w: w, encoder: eventstream.NewEncoder()}
	err := e.initial(out)
	if err == nil {
		err = e.run(events)
	}
	if err != nil && r.Context().Err() == nil {
		m.endStream(e, r, err, id)
	}
}

// run sends the events. A panic becomes an error: the head has gone out, so that the
// client can learn of it only as the last event.
func (e *eventWriter) run(events Events) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if events == nil {
		return nil
	}
	return events(e.send)
}

// endStream tells the client of an error after the head was sent.
func (m *Mux) endStream(e *eventWriter, r *http.Request, err error, id string) {
	f, ok := e.codec.faultOf(err)
	if !ok {
		m.o.Logger.Error("event stream failed", "request_id", id, "path", r.URL.Path, "error", err)
		f = internal(e.codec, id)
	}
	body := errorJSON(f, map[string]any{})
	if err := e.message("exception", ":exception-type", f.code, "application/json", body); err != nil {
		m.o.Logger.Debug("event stream ended by its client", "request_id", id, "error", err)
	}
}

// initial writes what AWS JSON has instead of members of the head.
func (e *eventWriter) initial(out reflect.Value) error {
	if e.codec.protocol != json11 {
		return nil
	}
	body := e.codec.appendJSON(nil, out, e.codec.times, nil)
	return e.message("event", ":event-type", "initial-response", "application/x-amz-json-1.1", body)
}

func (e *eventWriter) send(event any) error {
	v := reflect.Indirect(reflect.ValueOf(event))
	u, ok := e.codec.members[v.Type()]
	if !ok {
		return fmt.Errorf("%T is no event of %s", event, e.codec.service)
	}
	value := v.FieldByName("Value")
	for _, f := range e.codec.planOf(value.Type()).fields {
		if e.codec.isEventPayload(value.Type(), f.goName) {
			return e.message("event", ":event-type", u.name, "application/octet-stream", value.Field(f.index).Bytes())
		}
	}
	return e.message("event", ":event-type", u.name, "application/json", e.codec.appendJSON(nil, value, e.codec.times, nil))
}

func (c *codec) isEventPayload(t reflect.Type, field string) bool {
	for _, key := range c.eventPayloads {
		if key == t.Name()+"."+field {
			return true
		}
	}
	return false
}

// message writes one frame and flushes it.
func (e *eventWriter) message(kind, nameHeader, name, contentType string, body []byte) error {
	var frame bytes.Buffer
	err := e.encoder.Encode(&frame, eventstream.Message{
		Headers: eventstream.Headers{
			{Name: ":message-type", Value: eventstream.StringValue(kind)},
			{Name: nameHeader, Value: eventstream.StringValue(name)},
			{Name: ":content-type", Value: eventstream.StringValue(contentType)},
		},
		Payload: body,
	})
	if err != nil {
		return err
	}
	if _, err := e.w.Write(frame.Bytes()); err != nil {
		return err
	}
	return http.NewResponseController(e.w).Flush()
}
