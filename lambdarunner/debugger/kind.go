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

// Delve is the command by which delve starts a program and listens at an address. It waits for a debugger, or lets
// the program go.
func Delve(delve, program, at string, wait bool) []string {
	command := []string{delve, "exec", program, "--headless", "--listen=" + at, "--api-version=2", "--accept-multiclient", "--check-go-version=false"}
	if !wait {
		command = append(command, "--continue")
	}
	return command
}
