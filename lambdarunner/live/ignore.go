package live

import (
	"fmt"
	"path"
	"strings"
)

// CheckGlobs refuses patterns that are none.
func CheckGlobs(globs []string) error {
	for _, glob := range globs {
		if _, err := path.Match(glob, ""); err != nil {
			return fmt.Errorf("%q is no pattern of file names: %w", glob, err)
		}
	}
	return nil
}

// ignoring tells of paths below a live directory whether they change without the function changing: what the
// tools around it make, and what the user says, by name or by path.
func ignoring(layer bool, globs []string) func(name string, dir bool) bool {
	return func(name string, dir bool) bool {
		parent, base := path.Split(name)
		switch {
		case dir && (base == ".git" || base == "__pycache__" || base == ".venv"):
			return true
		case dir && base == "node_modules":
			return !layer || strings.Contains(parent, "node_modules") // a layer's own modules are in one
		case !dir && madeByEditors(base):
			return true
		}
		for _, glob := range globs {
			for _, candidate := range []string{base, strings.TrimPrefix(name, "/")} {
				if ok, _ := path.Match(glob, candidate); ok {
					return true
				}
			}
		}
		return false
	}
}

// madeByEditors are the files that Vim, Emacs and JetBrains' editors keep beside one that
// is open: typing is not saving. "4913" is Vim's, to try whether it may write.
func madeByEditors(name string) bool {
	return strings.HasSuffix(name, "~") || strings.HasPrefix(name, ".#") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") ||
		strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".swp") || strings.HasSuffix(name, ".swo") || strings.HasSuffix(name, ".swx")) ||
		name == "4913"
}
