package lambda

import (
	"context"
	"flag"
	"testing"

	"postern/emulator/conformance"
	"postern/emulator/wire"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata want")

func TestScripts(t *testing.T) {
	conformance.Suite{Update: *update, ISO: true, Open: func(t *testing.T) (context.Context, any, any) {
		b := &bench{dir: t.TempDir(), launcher: &goLauncher{handlers: map[string]goHandler{"index.handler": echo}}, fixed: true}
		b.start(t)
		return wire.WithCaller(t.Context(), wire.CallerFrom(asCaller)), b.Service, newClient(t, b)
	}}.Run(t)
}
