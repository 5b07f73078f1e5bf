package process

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryMB is the most memory the process has used so far, looked up at most once a
// second: it costs as much as a small function runs.
func (s *sandbox) memoryMB() int {
	if now := s.l.o.Now(); now.Sub(s.memoryAt) > time.Second {
		s.memory, s.memoryAt = s.readMemoryMB(), now
	}
	return s.memory
}

func (s *sandbox) readMemoryMB() int {
	if s.cmd == nil || s.cmd.Process == nil {
		return 0
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if kb, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(kb, "kB")))
			return n / 1024
		}
	}
	return 0
}
