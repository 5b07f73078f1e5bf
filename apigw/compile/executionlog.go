package compile

import (
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
