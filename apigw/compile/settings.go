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
	var idle []string
	note := func(name string, set bool) {
		if set {
			idle = append(idle, name)
		}
	}
	note("webAclArn", aws.ToString(s.WebAclArn) != "")
	for _, key := range slices.Sorted(maps.Keys(s.MethodSettings)) {
		for _, name := range methodSettings(s.MethodSettings[key]) {
			idle = append(idle, fmt.Sprintf("methodSettings %s: %s", key, name))
		}
	}
	return idle
}

func methodSettings(s types.MethodSetting) (idle []string) {
	note := func(name string, set bool) {
		if set {
			idle = append(idle, name)
		}
	}
	note("metricsEnabled", s.MetricsEnabled)
	return idle
}
