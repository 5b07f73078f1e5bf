package compile

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// idleSettings names what is stored with the API and the stage and has no effect yet, so that nobody waits for it.
func (c *compiler) idleSettings() (idle []string) {
	if c.def.API.SecurityPolicy != "" {
		idle = append(idle, "securityPolicy")
	}
	if c.def.API.EndpointAccessMode == types.EndpointAccessModeStrict {
		idle = append(idle, "endpointAccessMode")
	}
	settings := c.def.Stage.MethodSettings
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if settings[key].MetricsEnabled {
			idle = append(idle, fmt.Sprintf("methodSettings %s: metricsEnabled", key))
		}
	}
	return idle
}
