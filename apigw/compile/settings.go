package compile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// idleSettings names what is stored with the API, its methods and the stage and has no effect
// yet, so that nobody waits for it.
func (c *compiler) idleSettings() []string {
	s := c.def.Stage
	idle := c.apiSettings()
	note := func(name string, set bool) {
		if set {
			idle = append(idle, name)
		}
	}
	note("webAclArn", aws.ToString(s.WebAclArn) != "")
	note("clientCertificateId", aws.ToString(s.ClientCertificateId) != "")
	for _, key := range slices.Sorted(maps.Keys(s.MethodSettings)) {
		for _, name := range methodSettings(s.MethodSettings[key]) {
			idle = append(idle, fmt.Sprintf("methodSettings %s: %s", key, name))
		}
	}
	return idle
}

func (c *compiler) apiSettings() (idle []string) {
	api := c.def.API
	if e := api.EndpointConfiguration; e != nil && slices.Contains(e.Types, types.EndpointTypePrivate) {
		idle = append(idle, "endpoint type PRIVATE")
	}
	return idle
}

// Throttling that every method has (recorded); -1 takes it from above.
const (
	defaultBurst = 5000
	defaultRate  = 10000
)

func methodSettings(s types.MethodSetting) (idle []string) {
	note := func(name string, set bool) {
		if set {
			idle = append(idle, name)
		}
	}
	note("metricsEnabled", s.MetricsEnabled)
	note("throttlingBurstLimit", s.ThrottlingBurstLimit != defaultBurst && s.ThrottlingBurstLimit != -1)
	note("throttlingRateLimit", s.ThrottlingRateLimit != defaultRate && s.ThrottlingRateLimit != -1)
	return idle
}
