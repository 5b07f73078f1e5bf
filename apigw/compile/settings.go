package compile

import (
	"fmt"
	"maps"
	"slices"
)

// idleSettings names what is stored with the stage and has no effect yet, so that nobody waits for it.
func (c *compiler) idleSettings() (idle []string) {
	settings := c.def.Stage.MethodSettings
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if settings[key].MetricsEnabled {
			idle = append(idle, fmt.Sprintf("methodSettings %s: metricsEnabled", key))
		}
	}
	return idle
}
