package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A child is a program under measurement. It serves at addr.
type child struct {
	cmd  *exec.Cmd
	addr string
}

// startTimeout bounds how long a program may take until it serves.
const startTimeout = 30 * time.Second

// start runs a program that listens at addr and waits until it accepts.
func start(addr, program string, args ...string) (*child, error) {
	return startIn("", addr, program, args...)
}

// startIn is start in a directory.
func startIn(dir, addr, program string, args ...string) (*child, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	cmd.Stdout = io.Discard
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, addr: addr}
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return c, nil
		}
		time.Sleep(time.Millisecond)
	}
	c.stop()
	return nil, fmt.Errorf("%s did not listen at %s", program, addr)
}

// stop ends the program and waits for it.
func (c *child) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(15*time.Second, func() { c.cmd.Process.Kill() })
	defer timer.Stop()
	c.cmd.Wait()
}

// cpu is the user and system time the program has used so far.
func (c *child) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from field 3 on
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * (time.Second / 100) // USER_HZ is 100 on Linux
}

// rss is the resident memory in MB.
func (c *child) rss() float64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if kb, ok := strings.CutPrefix(s.Text(), "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(kb, "kB")), 64)
			return n / 1024
		}
	}
	return 0
}

// freeAddr is a loopback address nobody listens at now.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// startPostern runs the program to measure with the state in dir, "" for none.
func (b *bench) startPostern(dir string, flags ...string) (*child, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--listen", addr, "--lambda", "process", "--log-level", "warn",
		"--account-rate", "1000000", "--account-burst", "1000000"} // an account of AWS has 10000 a second
	if dir == "" {
		args = append(args, "--ephemeral")
	} else {
		args = append(args, "--data", dir)
	}
	c, err := start(addr, b.postern, append(args, flags...)...)
	if err != nil {
		return nil, err
	}
	// The address is taken before the state is open: only an answer means that it runs.
	up := load{addr: addr, request: request("GET", addr, "/_postern/health", ""), status: 200}
	if _, err := up.single(); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// startBaseline runs this program again as one of its baselines.
func startBaseline(kind string, args ...string) (*child, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(addr, self, append([]string{"baseline", kind, addr}, args...)...)
}
