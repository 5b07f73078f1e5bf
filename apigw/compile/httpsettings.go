package compile

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// idleSettings names what is stored with a stage and has no effect: there are no metrics.
func (d *V2) idleSettings() (idle []string) {
	note := func(place string, s types.RouteSettings) {
		if aws.ToBool(s.DetailedMetricsEnabled) {
			idle = append(idle, place+": detailedMetricsEnabled")
		}
	}
	if s := d.Stage.DefaultRouteSettings; s != nil {
		note("defaultRouteSettings", *s)
	}
	for _, key := range slices.Sorted(maps.Keys(d.Stage.RouteSettings)) {
		note("routeSettings "+key, d.Stage.RouteSettings[key])
	}
	return idle
}
