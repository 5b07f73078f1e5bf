package lambda

import (
	"context"
	"encoding/json"
	"flag"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"postern/emulator/conformance"
	"postern/emulator/wire"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata want")

func TestScripts(t *testing.T) {
	conformance.Suite{Update: *update, ISO: true, Open: func(t *testing.T) (context.Context, any, any) {
		b := &bench{dir: t.TempDir(), launcher: &goLauncher{handlers: map[string]goHandler{"index.handler": echo}}, fixed: true}
		b.options.Source = emptySource
		b.start(t)
		return wire.WithCaller(t.Context(), wire.CallerFrom(asCaller)), operations{b.Service}, newClient(t, b)
	}}.Run(t)
}

// operations are a Service's by their names in the SDK.
type operations struct{ *Service }

func (o operations) Invoke(ctx context.Context, in *sdk.InvokeInput) (*sdk.InvokeOutput, error) {
	return o.InvokeFunction(ctx, in)
}

// emptySource is of queues and streams in which nothing is. Those called "none" are not there.
func emptySource(ctx context.Context, sourceARN, _, action string, _, out any) error {
	switch {
	case strings.HasSuffix(sourceARN, ":none"):
		return &smithy.GenericAPIError{Code: "AWS.SimpleQueueService.NonExistentQueue"}
	case strings.HasSuffix(sourceARN, "/none"):
		return &smithy.GenericAPIError{Code: "ResourceNotFoundException"}
	case action == "GetQueueUrl":
		return json.Unmarshal([]byte(`{"QueueUrl": "http://queue"}`), out)
	case action == "ReceiveMessage":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}
