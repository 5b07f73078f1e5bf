package compile

import (
	"fmt"
	"slices"
	"strings"
)

// A warning is one thing that is wrong, and all the places where it is.
type warning struct {
	text   string
	places []string
}

// impossible notes what AWS would never have deployed.
func (c *compiler) impossible(place string, err error) {
	c.errs = append(c.errs, fmt.Errorf("%s: %w", place, err))
}

// warn notes what fails when it is called, as it does on AWS or because Postern does
// not emulate it yet.
func (c *compiler) warn(place, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	i := slices.IndexFunc(c.warnings, func(w warning) bool { return w.text == text })
	if i < 0 {
		c.warnings = append(c.warnings, warning{text, []string{place}})
		return
	}
	if w := &c.warnings[i]; w.places[len(w.places)-1] != place {
		w.places = append(w.places, place)
	}
}

// maxPlaces bounds how many places a warning names.
const maxPlaces = 5

// report logs the warnings: one for each thing, and one for all settings without effect.
func (c *compiler) report() {
	for _, w := range c.warnings {
		at := w.places
		if more := len(at) - maxPlaces; more > 0 {
			at = append(slices.Clone(at[:maxPlaces]), fmt.Sprintf("%d more", more))
		}
		c.deps.Logger.Warn(w.text, "api", c.apiID, "stage", c.stage, "at", strings.Join(at, ", "))
	}
	if idle := c.idleSettings(); len(idle) > 0 {
		c.deps.Logger.Warn("settings that have no effect yet", "api", c.apiID, "stage", c.stage, "settings", strings.Join(idle, ", "))
	}
}
