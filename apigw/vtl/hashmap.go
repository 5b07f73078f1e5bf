package vtl

import (
	"sort"

	"postern/apigw/jsonpath"
)

// paramMap copies parameters into a map in the order of Java's HashMap.
func paramMap(from Params) *jsonpath.Object {
	o := &jsonpath.Object{}
	if from == nil {
		return o
	}
	var all []jsonpath.Member
	for name, value := range from.All() {
		all = append(all, jsonpath.Member{Name: name, Value: value})
	}
	hashOrder(all)
	for _, m := range all {
		o.Set(m.Name, m.Value)
	}
	return o
}

// hashOrder sorts by the bucket of a table that grows at three quarters. Names of one
// bucket are sorted, so that the order does not depend on that of the source.
func hashOrder(all []jsonpath.Member) {
	size := 16
	for len(all) > size*3/4 {
		size *= 2
	}
	bucket := func(i int) uint32 {
		h := uint32(hashCode(all[i].Name))
		return (h ^ h>>16) & uint32(size-1)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := bucket(i), bucket(j)
		if a != b {
			return a < b
		}
		return all[i].Name < all[j].Name
	})
}
