// Command stream is a function that streams its answer: two pieces, the second when a
// file appears.
package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handle) }

func handle(ctx context.Context, in events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, "first ")
		for gate := in.QueryStringParameters["gate"]; gate != ""; {
			if _, err := os.Stat(gate); err == nil || ctx.Err() != nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		io.WriteString(w, "last")
		w.Close()
	}()
	return &events.APIGatewayProxyStreamingResponse{StatusCode: 202, Headers: map[string]string{"X-From": "go"}, Body: r}, nil
}
