//go:build !linux

package process

// memoryMB is not known here.
func (s *sandbox) memoryMB() int { return 0 }
