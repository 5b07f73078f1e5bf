//go:build !linux

package live

// changes are not kept here.
type changes struct{ err error }

func watch(string) (*changes, error) { return nil, nil }

func (*changes) of(string)                                                    {}
func (*changes) since(func(path string, dir bool) bool) (changed, saved bool) { return true, false }
func (*changes) close()                                                       {}
