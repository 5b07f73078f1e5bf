package lambdarunner

import "errors"

// An Image is the container image that a function runs instead of files.
type Image struct {
	URI      string // as the user named it, of any registry or of none
	Resolved string // the same with its digest instead of its tag: name@sha256:…
	Digest   string // 64 hex digits
	// Pin is what the engine calls this very content, whatever its tags come to mean: an image id,
	// or Resolved where the engine has yet to pull it.
	Pin string

	// What the user has instead of the image's own; nil and "" leave that.
	EntryPoint       []string
	Command          []string
	WorkingDirectory string
}

// Errors of finding an Image.
var (
	ErrBadImage          = errors.New("not the name of an image")
	ErrNoImage           = errors.New("no such image")
	ErrImageArchitecture = errors.New("the image is for another architecture")
)
