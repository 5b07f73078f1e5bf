package runtimeapi

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// ExtensionsDir is where in a layer, and below /opt, external extensions are.
const ExtensionsDir = "extensions"

// ExternalExtensions are the names of the files that layers, unpacked in some directories, have in ExtensionsDir:
// each is an external extension whether it can be executed or not (Developer Guide, "Creating Lambda
// extensions"; AWS's emulator). Of things of one name that of the last layer counts.
func ExternalExtensions(layers ...string) []string {
	files := map[string]bool{} // by name, false where a later layer has a directory
	for _, layer := range layers {
		dir := filepath.Join(layer, ExtensionsDir)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // the layer has no such directory
		}
		for _, e := range entries {
			info, err := os.Stat(filepath.Join(dir, e.Name()))
			files[e.Name()] = err == nil && !info.IsDir()
		}
	}
	maps.DeleteFunc(files, func(_ string, isFile bool) bool { return !isFile })
	return slices.Sorted(maps.Keys(files))
}
