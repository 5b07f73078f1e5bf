package compile

import (
	"fmt"
	"slices"
	"strings"

	"postern/apigw"
)

// A warning is one thing that is wrong, and all the places where it is.
type warning struct {
	text   string
	places []string
}

// impossible notes what AWS would never have deployed.
func (b *builder) impossible(place string, err error) {
	b.errs = append(b.errs, fmt.Errorf("%s: %w", place, err))
}

// warn notes what fails when it is called, as it does on AWS or because Postern does
// not emulate it yet.
func (b *builder) warn(place, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	i := slices.IndexFunc(b.warnings, func(w warning) bool { return w.text == text })
	if i < 0 {
		b.warnings = append(b.warnings, warning{text, []string{place}})
		return
	}
	if w := &b.warnings[i]; w.places[len(w.places)-1] != place {
		w.places = append(w.places, place)
	}
}

// maxPlaces bounds how many places a warning names.
const maxPlaces = 5

// report logs the warnings: one for each thing, and one for all settings without effect.
func (b *builder) report(idle []string) {
	for _, w := range b.warnings {
		at := w.places
		if more := len(at) - maxPlaces; more > 0 {
			at = append(slices.Clone(at[:maxPlaces]), fmt.Sprintf("%d more", more))
		}
		b.deps.Logger.Warn(w.text, "api", b.apiID, "stage", b.stage, "at", strings.Join(at, ", "))
	}
	if len(idle) > 0 {
		b.deps.Logger.Warn("settings that have no effect yet", "api", b.apiID, "stage", b.stage, "settings", strings.Join(idle, ", "))
	}
}

// broken is the step of what cannot work: each call is answered 500, as on AWS.
func (b *builder) broken(place, format string, args ...any) step {
	err := fmt.Errorf(format, args...)
	b.warn(place, "%v", err)
	return reject(apigw.Misconfigured("%w", err))
}
