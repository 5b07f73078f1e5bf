package wire

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
)

// streamServer serves InvokeWithResponseStream with the events a test chooses.
func streamServer(t *testing.T, log *bytes.Buffer, events Events) *lambda.Client {
	t.Helper()
	m := NewMux(Options{Logger: slog.New(slog.NewTextHandler(log, nil)), Services: []Service{{Name: "lambda", Operations: []Operation{
		Stream("InvokeWithResponseStream", func(context.Context, *lambda.InvokeWithResponseStreamInput) (*lambda.InvokeWithResponseStreamOutput, Events, error) {
			return &lambda.InvokeWithResponseStreamOutput{StatusCode: 200, ExecutedVersion: aws.String("$LATEST")}, events, nil
		}),
	}}}})
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	config := sdkConfig(m)
	config.BaseEndpoint, config.HTTPClient = &server.URL, http.DefaultClient
	return lambda.NewFromConfig(config)
}

func chunk(text string) any {
	return &types.InvokeWithResponseStreamResponseEventMemberPayloadChunk{Value: types.InvokeResponseStreamUpdate{Payload: []byte(text)}}
}

func TestAnEventIsSentBeforeTheNextIsMade(t *testing.T) {
	seen := make(chan struct{})
	client := streamServer(t, &bytes.Buffer{}, func(send func(any) error) error {
		if err := send(chunk("first")); err != nil {
			return err
		}
		<-seen // the client has the first event before there is a second
		return send(chunk("second"))
	})
	out, err := client.InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{FunctionName: aws.String("f")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for e := range out.GetStream().Events() {
		got = append(got, string(e.(*types.InvokeWithResponseStreamResponseEventMemberPayloadChunk).Value.Payload))
		if len(got) == 1 {
			close(seen)
		}
	}
	if err := out.GetStream().Err(); err != nil || strings.Join(got, " ") != "first second" || aws.ToString(out.ExecutedVersion) != "$LATEST" {
		t.Errorf("%q %v", got, err)
	}
}

func TestAnErrorAfterTheHeadEndsTheStream(t *testing.T) {
	for _, c := range []struct {
		name, code string
		end        func() error
	}{
		{"an exception of the SDK", "TooManyRequestsException", func() error { return &types.TooManyRequestsException{Message: aws.String("Rate Exceeded.")} }},
		{"a fault of ours", "ServiceException", func() error { return errors.New("disk on fire") }},
		{"a panic of ours", "ServiceException", func() error { panic("as asked") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log bytes.Buffer
			client := streamServer(t, &log, func(send func(any) error) error {
				if err := send(chunk("x")); err != nil {
					return err
				}
				return c.end()
			})
			out, err := client.InvokeWithResponseStream(t.Context(), &lambda.InvokeWithResponseStreamInput{FunctionName: aws.String("f")})
			if err != nil {
				t.Fatal(err)
			}
			events := 0
			for range out.GetStream().Events() {
				events++
			}
			err = out.GetStream().Err()
			var api smithy.APIError
			if events != 1 || !errors.As(err, &api) || api.ErrorCode() != c.code {
				t.Errorf("after %d events: %v, want %s", events, err, c.code)
			}
		})
	}
}
