//go:build !linux

package docker

import "errors"

// loopDisks are Linux's.
type loopDisks struct{}

type loopDisk struct{ device string }

func newLoopDisks() (*loopDisks, error) {
	return nil, errors.New("the engine is not on a Linux machine of its own")
}

func (*loopDisks) attach(int) (*loopDisk, error) { return nil, errors.ErrUnsupported }

func (*loopDisk) release() {}
