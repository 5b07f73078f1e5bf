package docker

import "fmt"

// signals are the names Go prints on Linux, whatever this machine is: AWS's texts have them.
var signals = map[int64]string{
	1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 5: "trace/breakpoint trap",
	6: "aborted", 7: "bus error", 8: "floating point exception", 9: "killed", 10: "user defined signal 1",
	11: "segmentation fault", 12: "user defined signal 2", 13: "broken pipe", 14: "alarm clock", 15: "terminated",
}

// String is the end as AWS words it after "Runtime exited with error: ": "exit status 1",
// "signal: killed". It is "" for a clean exit. The engine reports death by signal n as
// 128+n, as shells do; out of memory is signal 9.
func (e exit) String() string {
	if name, known := signals[e.code-128]; known {
		return "signal: " + name
	}
	if e.code != 0 {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return ""
}
