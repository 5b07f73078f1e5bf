package debugger

import (
	"fmt"
	"strings"
)

// A Kind is how functions of a runtime are stepped through.
type Kind int

const (
	Node   Kind = iota + 1 // node's own inspector
	Python                 // debugpy
	Go                     // delve, before a program that the function brings along
)

// KindOf fails for a runtime whose functions cannot be stepped through.
func KindOf(runtime string) (Kind, error) {
	switch {
	case strings.HasPrefix(runtime, "nodejs"):
		return Node, nil
	case strings.HasPrefix(runtime, "python"):
		return Python, nil
	case strings.HasPrefix(runtime, "provided"), runtime == "go1.x":
		return Go, nil
	}
	return 0, fmt.Errorf("functions of %s cannot be debugged: those of nodejs, python and provided (Go) can", runtime)
}
