package compile

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// setting returns what the stage sets for a method: its own entry, which is complete
// from the moment its first member was set (recorded), else that of "*/*". own tells
// the first from the second; ok is false where there is neither.
func (c *compiler) setting(resourcePath, verb string) (s types.MethodSetting, own, ok bool) {
	if c.settings == nil {
		c.settings = map[string]types.MethodSetting{}
		for _, key := range slices.Sorted(maps.Keys(c.def.Stage.MethodSettings)) { // of two for one method the same counts each time
			c.settings[settingKey(key)] = c.def.Stage.MethodSettings[key]
		}
	}
	if s, ok := c.settings[strings.TrimPrefix(resourcePath, "/")+"/"+verb]; ok {
		return s, true, true
	}
	s, ok = c.settings["*/*"]
	return s, false, ok
}

// settingKey is a key of methodSettings with its resource as a path, without the first slash:
// "pets/GET", "~1pets/GET" and "pets~1{id}/GET" are all found in use.
func settingKey(key string) string {
	resource, verb := key, ""
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		resource, verb = key[:i], key[i+1:]
	}
	return strings.TrimPrefix(strings.NewReplacer("~1", "/", "~0", "~").Replace(resource), "/") + "/" + verb
}
