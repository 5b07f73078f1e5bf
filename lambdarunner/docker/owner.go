package docker

import (
	"maps"
	"os"
	"strconv"
	"strings"
)

// Labels of everything we make in an engine. They say whose it is, so that what a
// killed Postern left behind is found and what a living one uses is not touched.
const (
	labelKind      = "postern"           // "sandbox", "code", "network"
	labelFunction  = "postern.function"  // ARN
	labelOwner     = "postern.owner"     // names the data directory and its machine; absent for an ephemeral Postern
	labelInstance  = "postern.instance"  // one run of Postern
	labelMachine   = "postern.machine"   // where its pid means something
	labelPID       = "postern.pid"       //
	labelStarted   = "postern.started"   // of that pid, against reuse of the number
	labelContainer = "postern.container" // in which that Postern runs
	labelBridge    = "postern.bridge"    // interface of a network
)

// An owner identifies this run of Postern.
type owner struct {
	id        string // of the data directory on this machine, "" for none
	instance  string
	container string // own container id, "" on a host
	started   string // start of that container, or of the process
	inherited map[string]string
}

func newOwner(id, instance string, self *selfContainer) owner {
	o := owner{instance: instance, started: processStart(os.Getpid())}
	if id != "" {
		o.id = host() + ":" + id // the same path on another machine is another directory
	}
	if self != nil {
		o.container, o.started, o.inherited = self.id, self.started, self.sessionLabels
	}
	return o
}

// labels are those of a new object of the given kind. Testcontainers' session labels on
// our own container are passed on: its reaper then takes our sandboxes along.
func (o owner) labels(kind string, more map[string]string) map[string]string {
	l := map[string]string{
		labelKind:     kind,
		labelInstance: o.instance,
		labelStarted:  o.started,
	}
	if o.id != "" {
		l[labelOwner] = o.id
	}
	if o.container != "" {
		l[labelContainer] = o.container
	} else {
		l[labelMachine] = machine()
		l[labelPID] = strconv.Itoa(os.Getpid())
	}
	maps.Copy(l, o.inherited)
	maps.Copy(l, more)
	return l
}

// host names this machine across boots.
func host() string {
	if id, err := os.ReadFile("/etc/machine-id"); err == nil && len(id) > 1 {
		return strings.TrimSpace(string(id))
	}
	name, _ := os.Hostname()
	return name
}

// machine names this boot of this machine and its process namespace; elsewhere than on
// Linux the host's name has to do.
func machine() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		name, _ := os.Hostname()
		return name
	}
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return strings.TrimSpace(string(boot)) + "/" + namespace
}

// processStart is the start of a process in ticks since boot (proc(5), field 22), "" where
// there is no /proc or no such process.
func processStart(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name before it may hold anything
	fields := strings.Fields(after)
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}
