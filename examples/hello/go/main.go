// Command go is the Go function of the example: it greets whoever the query names.
package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, r events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	name := r.QueryStringParameters["name"]
	if name == "" {
		name = "world"
	}
	body, err := json.Marshal(map[string]string{"message": "Hello, " + name + "!", "from": "Go", "path": r.Path})
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(body)}, err
}

func main() { lambda.Start(handle) }
