package debugger

import (
	"fmt"
	"strconv"
	"strings"
)

// A Target is a function to be stepped through.
type Target struct {
	Function string
	Port     int  // on loopback, where debuggers connect
	Wait     bool // a sandbox waits for a debugger before it loads the function
}

// Parse reads FUNCTION=PORT or FUNCTION=PORT,wait.
func Parse(spec string) (t Target, err error) {
	function, rest, ok := strings.Cut(spec, "=")
	port, wait, given := strings.Cut(rest, ",")
	n, err := strconv.ParseUint(port, 10, 16)
	if !ok || function == "" || err != nil || n == 0 || given && wait != "wait" {
		return t, fmt.Errorf("%q is not FUNCTION=PORT or FUNCTION=PORT,wait", spec)
	}
	return Target{Function: function, Port: int(n), Wait: wait == "wait"}, nil
}
