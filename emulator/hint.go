package emulator

import (
	"errors"

	"postern/emulator/store"
	"postern/lambdarunner/docker"
)

// Hint is what a user can do about an error of Open, "" where it says so itself.
func Hint(err error) string {
	var locked *store.LockedError
	var newer *store.NewerError
	switch {
	case errors.As(err, &locked):
		return "stop the other Postern, or give this one a directory of its own with --data, or --ephemeral"
	case errors.As(err, &newer):
		return "use the newer Postern, or another directory with --data"
	case errors.Is(err, docker.ErrNoEngine):
		return "start Docker, set DOCKER_HOST, or run functions as processes with --lambda process"
	}
	return ""
}
