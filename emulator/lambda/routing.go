package lambda

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// weights notes keys that are no versions and weights that are no shares.
func (v *violations) weights(w map[string]float64) {
	for _, version := range slices.Sorted(maps.Keys(w)) {
		if !isNumber(version) {
			v.Add("routingConfig.additionalVersionWeights", javaMap(w), "Map keys must satisfy constraint: "+
				"[Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, "+
				"Member must satisfy regular expression pattern: [0-9]+, Member must not be null]")
			return
		}
		if w[version] < 0 || w[version] > 1 {
			v.Add("routingConfig.additionalVersionWeights", javaMap(w), "Map value must satisfy constraint: "+
				"[Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]")
			return
		}
	}
}

// javaMap is {2=2.0}.
func javaMap(w map[string]float64) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(w)) {
		number := strconv.FormatFloat(w[k], 'f', -1, 64)
		if !strings.Contains(number, ".") {
			number += ".0"
		}
		pairs = append(pairs, k+"="+number)
	}
	return fmt.Sprintf("{%s}", strings.Join(pairs, ", "))
}

// routing is a RoutingConfig as it is kept: nil where it routes nothing.
func routing(rc *types.AliasRoutingConfiguration) *types.AliasRoutingConfiguration {
	if rc == nil || len(rc.AdditionalVersionWeights) == 0 {
		return nil
	}
	return rc
}

// checkRouting tests whether the versions that an alias names are there and differ.
func checkRouting(tx *store.Tx, r ref, a types.AliasConfiguration) error {
	main := aws.ToString(a.FunctionVersion)
	if _, err := findVersion(tx, r.at(main)); err != nil {
		return err
	}
	if a.RoutingConfig == nil {
		return nil
	}
	for version := range a.RoutingConfig.AdditionalVersionWeights {
		if main == latest {
			return invalid("$LATEST is not supported for an alias pointing to more than 1 version")
		}
		if version == main {
			return invalid("Invalid function version %s. Function version %s is already included in routing configuration.", version, version)
		}
		if _, err := findVersion(tx, r.at(version)); err != nil {
			return err
		}
	}
	return nil
}

// routesTo says whether an invocation of the alias may run the version.
func routesTo(a types.AliasConfiguration, version string) bool {
	if aws.ToString(a.FunctionVersion) == version {
		return true
	}
	if a.RoutingConfig == nil {
		return false
	}
	_, ok := a.RoutingConfig.AdditionalVersionWeights[version]
	return ok
}

// aliasesOf are the names of the aliases that route to the version.
func aliasesOf(tx *store.Tx, name, version string) ([]string, error) {
	p, err := aliases.List(tx, store.Query{Parent: parent(name)})
	var names []string
	for _, d := range p.Documents {
		if routesTo(d.Value, version) {
			names = append(names, d.Name)
		}
	}
	return names, err
}
