package emulator

import (
	"errors"

	"postern/lambdarunner/docker"
)

// Hint is what a user can do about an error of Open, "" where it says so itself.
func Hint(err error) string {
	if errors.Is(err, docker.ErrNoEngine) {
		return "start Docker, set DOCKER_HOST, or run functions as processes with --lambda process"
	}
	return ""
}
