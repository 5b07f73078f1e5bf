package compile

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"postern/apigw"
	"postern/apigw/accesslog"
)

// accessLog compiles a stage's accessLogSettings; nil while one of the two is missing.
func (c *compiler) accessLog() *apigw.AccessLog {
	s := c.def.Stage.AccessLogSettings
	if s == nil || c.def.Test || aws.ToString(s.DestinationArn) == "" || aws.ToString(s.Format) == "" {
		return nil
	}
	log := &apigw.AccessLog{Append: accesslog.Compile(*s.Format).Append}
	parts := strings.SplitN(*s.DestinationArn, ":", 6) // arn:aws:logs:region:account:log-group:name
	if len(parts) < 6 {
		c.warn("stage", "access logs: %q is no ARN", *s.DestinationArn)
		return nil
	}
	log.To.Region, log.To.AccountID = parts[3], parts[4]
	if stream, ok := strings.CutPrefix(parts[5], "deliverystream/"); ok {
		log.To.Name, log.Delivery = stream, true
		return log
	}
	log.To.Name = strings.TrimSuffix(strings.TrimPrefix(parts[5], "log-group:"), ":*")
	return log
}
