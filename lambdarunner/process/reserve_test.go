package process

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/lambdarunner"
)

// What functions can see of the process they run in.
var whoAmI = []struct{ name, runtime, file, code string }{
	{"python", "python3.12", "m.py", `import os, sys
started = {"modules": sorted(m for m in sys.modules if m != "m"), "path": sys.path, "argv": sys.argv, "flags": str(sys.flags)}
def f(e, c):
    return {**started, "env": {**os.environ}, "child": os.popen("env | grep ^SEEN").read(), "cwd": os.getcwd(), "stdin": os.read(0, 1).decode(),
            "fds": sorted(f for f in os.listdir("/proc/self/fd")), "leads": os.getpgrp() == os.getpid(), "zone": __import__("time").tzname, "pid": os.getpid()}`},
	{"node", "nodejs22.x", "m.js", `const fs = require('fs'), module_ = require('module');
exports.f = async () => ({ argv: process.argv, exec: process.execArgv, env: { ...process.env }, cwd: process.cwd(), paths: module_.globalPaths.filter((p) => !/\.node_/.test(p)),
  child: require('child_process').execSync('env | grep ^SEEN').toString(), stdin: fs.readFileSync(0, 'utf8'), title: process.title, main: require.main?.filename,
  zone: new Date().getTimezoneOffset(), locale: Intl.DateTimeFormat().resolvedOptions().locale,
  pipes: fs.readdirSync('/proc/self/fd').filter((f) => { try { return fs.fstatSync(+f).isFIFO() && +f < 4; } catch { return false; } }), pid: process.pid });`},
}

// spareOf waits for the spare that a used function has left, and returns it.
func (h *harness) spareOf() *spare {
	h.t.Helper()
	r := h.launcher.reserve
	r.ending.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sp := range r.spares {
		return sp
	}
	h.t.Fatal("there is no spare")
	return nil
}

func (h *harness) pid(fn *lambdarunner.Function) int {
	h.t.Helper()
	r := h.invoke(fn, `{}`)
	var seen struct{ PID int }
	if err := json.Unmarshal(r.Payload, &seen); err != nil || seen.PID == 0 {
		h.t.Fatalf("%s %v\n%s", r.Payload, err, r.LogTail)
	}
	return seen.PID
}

// again is the function as another one, which runs in a sandbox of its own.
func again(fn *lambdarunner.Function, revision string) *lambdarunner.Function {
	other := *fn
	other.Revision += revision
	return &other
}

func TestASpareIsAsAFreshProcess(t *testing.T) {
	needs(t, "python3")
	needs(t, "node")
	for _, c := range whoAmI {
		t.Run(c.name, func(t *testing.T) {
			h := newHarness(t, Options{EndpointURL: "http://127.0.0.1:1", CABundle: []byte("none\n")})
			fn := h.function(c.runtime, "m.f", map[string]string{c.file: c.code})
			fn.Environment = map[string]string{"SEEN": "é=1\n2", "NODE_ENV": "x"}
			see := func(fn *lambdarunner.Function) (seen map[string]any) {
				r := h.invoke(fn, `{}`)
				if err := json.Unmarshal(r.Payload, &seen); err != nil || r.FunctionError != "" {
					t.Fatalf("%s %v\n%s", r.Payload, err, r.LogTail)
				}
				env := seen["env"].(map[string]any)
				for _, name := range []string{"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "HOME", "TMPDIR", "_X_AMZN_TRACE_ID"} {
					delete(env, name)
				}
				return seen
			}
			fresh := see(fn)
			sp := h.spareOf()
			spared := see(again(fn, "2"))
			if got := int(spared["pid"].(float64)); got != sp.cmd.Process.Pid {
				t.Errorf("process %d served, the spare is %d", got, sp.cmd.Process.Pid)
			}
			delete(fresh, "pid")
			delete(spared, "pid")
			if diff := cmp.Diff(fresh, spared); diff != "" {
				t.Errorf("fresh and spare differ (-fresh +spare):\n%s", diff)
			}
		})
	}
}

func TestASpareIsUsedOnce(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": whoAmI[0].code})
	fn.Environment = map[string]string{"SEEN": "1"}
	first := h.pid(fn)
	sp := h.spareOf()
	var burst sync.WaitGroup
	pids := make([]int, 4)
	for i := range pids {
		burst.Go(func() { pids[i] = h.pid(again(fn, fmt.Sprint("b", i))) })
	}
	burst.Wait()
	seen := map[int]int{first: 1}
	for _, pid := range pids {
		seen[pid]++
	}
	if len(seen) != 5 || seen[sp.cmd.Process.Pid] != 1 {
		t.Errorf("%v; the spare is %d", seen, sp.cmd.Process.Pid)
	}
	if next := h.spareOf(); next == sp {
		t.Error("the reserve was not filled")
	}
}

// Variables that an interpreter looks at when it boots come too late for a spare.
func TestFunctionsWithASayInTheBootTakeNoSpare(t *testing.T) {
	needs(t, "node")
	h := newHarness(t, Options{})
	fn := h.function("nodejs22.x", "m.f", map[string]string{"m.js": whoAmI[1].code, "early.js": "process.title = 'early'",
		"wrap": "#!/bin/sh\nexec \"$@\"\n"})
	fn.Environment = map[string]string{"SEEN": "1"}
	h.pid(fn)
	sp := h.spareOf()
	for name, value := range map[string]string{"NODE_OPTIONS": "--require /var/task/early.js", "TZ": "Asia/Tokyo", "LD_LIBRARY_PATH": "/var/task",
		"UV_THREADPOOL_SIZE": "2", "AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"} {
		other := again(fn, name)
		other.Environment = map[string]string{"SEEN": "1", name: value}
		if got := h.pid(other); got == sp.cmd.Process.Pid {
			t.Errorf("%s: the spare was taken", name)
		}
	}
	layered := again(fn, "layer")
	layered.Layers = []lambdarunner.Code{h.layer(map[string]string{"nodejs/node_modules/x/index.js": ""})}
	if got := h.pid(layered); got == sp.cmd.Process.Pid {
		t.Error("layers: the spare was taken")
	}
	if got := h.pid(again(fn, "plain")); got != sp.cmd.Process.Pid {
		t.Errorf("process %d served, the spare is %d", got, sp.cmd.Process.Pid)
	}
}

func TestASpareThatCrashedIsNotTaken(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{})
	fn := h.function("python3.12", "m.f", map[string]string{"m.py": whoAmI[0].code})
	fn.Environment = map[string]string{"SEEN": "1"}
	h.pid(fn)
	sp := h.spareOf()
	killGroup(sp.cmd)
	<-sp.ended
	h.pid(again(fn, "2"))
	if h.spareOf() == sp {
		t.Error("the crashed one is in reserve")
	}
}

func TestSparesEndWhenUnusedAndWithTheLauncher(t *testing.T) {
	needs(t, "python3")
	for name, o := range map[string]Options{"unused": {IdleTTL: 50 * time.Millisecond}, "closed": {}} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, o)
			fn := h.function("python3.12", "m.f", map[string]string{"m.py": "def f(e, c): pass"})
			r := h.launcher.reserve
			booted := make(chan *spare, 1)
			r.booted = func(sp *spare) { booted <- sp }
			h.invoke(fn, `{}`)
			sp := <-booted
			if name == "closed" {
				if err := h.pool.Close(); err != nil {
					t.Fatal(err)
				}
				select {
				case <-sp.ended:
				default:
					t.Error("it lives")
				}
			}
			<-sp.ended
			if _, err := os.Stat(fmt.Sprintf("/proc/%d", sp.cmd.Process.Pid)); err == nil {
				t.Error("it is still there")
			}
		})
	}
}

func TestNoReserve(t *testing.T) {
	needs(t, "python3")
	h := newHarness(t, Options{NoReserve: true})
	h.invoke(h.function("python3.12", "m.f", map[string]string{"m.py": "def f(e, c): pass"}), `{}`)
	h.launcher.reserve.ending.Wait()
	if len(h.launcher.reserve.spares) != 0 {
		t.Error("there is a spare")
	}
}
