package compile

import (
	"strings"

	"postern/apigw"
	"postern/apigw/accesslog"
)

// accessLog compiles a stage's accessLogSettings; nil while one of the two is missing.
func (b *builder) accessLog(destination, format string) *apigw.AccessLog {
	if destination == "" || format == "" {
		return nil
	}
	log := &apigw.AccessLog{Append: accesslog.Compile(format).Append}
	parts := strings.SplitN(destination, ":", 6) // arn:aws:logs:region:account:log-group:name
	if len(parts) < 6 {
		b.warn("stage", "access logs: %q is no ARN", destination)
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
