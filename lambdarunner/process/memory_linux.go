package process

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// memoryMB is the most memory that runtime and extensions have used so far, each by itself,
// looked up at most once a second: it costs as much as a small function runs. Of a runtime that has
// ended it is what was known before.
func (s *sandbox) memoryMB() int {
	s.memory.Lock()
	defer s.memory.Unlock()
	if now := s.l.o.Now(); now.Sub(s.memory.at) > time.Second {
		s.memory.most, s.memory.at = max(s.memory.most, s.readMemoryMB()), now
	}
	return s.memory.most
}

func (s *sandbox) readMemoryMB() (sum int) {
	for _, c := range s.children() {
		sum += peakMB(c.cmd.Process.Pid)
	}
	return sum
}

// peakMB is 0 for a process that has ended.
func peakMB(pid int) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
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
