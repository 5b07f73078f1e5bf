package compile

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/integration"
)

// logging compiles what the stage wants logged of a method's calls; nil for nothing.
func (c *compiler) logging(res types.Resource, verb string) *apigw.Logging {
	if c.def.Test {
		return &apigw.Logging{Data: true}
	}
	s, _, _ := c.setting(*res.Path, verb)
	switch aws.ToString(s.LoggingLevel) {
	case "INFO":
		return &apigw.Logging{Data: s.DataTraceEnabled}
	case "ERROR":
		return &apigw.Logging{Data: s.DataTraceEnabled, FailuresOnly: true}
	}
	return nil
}

// methodRequest is the step that logs what the client asked; nil where nothing is logged.
func methodRequest(m *apigw.Method) step {
	if m.Logging == nil {
		return nil
	}
	return integration.LogMethodRequest
}

// noKey is the step that logs that a method asks for no API key; nil where nothing is logged.
func noKey(m *apigw.Method) step {
	if m.Logging == nil {
		return nil
	}
	return func(_ context.Context, x *apigw.Exchange) error {
		stage := x.Stage.APIID + "/" + x.Stage.Name
		x.Log.Printf("Verifying Usage Plan for request: %s. API Key:  API Stage: %s", x.Request.ID, stage)
		x.Log.Printf("API Key  authorized because method '%s %s' does not require API Key. Request will not contribute to throttle or quota limits",
			x.Request.Verb, x.Method.ResourcePath)
		x.Log.Printf("Usage Plan check succeeded for API Key  and API Stage %s", stage)
		return nil
	}
}
