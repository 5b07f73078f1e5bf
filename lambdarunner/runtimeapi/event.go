package runtimeapi

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"postern/lambdarunner"
)

// An event is one invocation on its way through the runtime.
type event struct {
	inv      *lambdarunner.Invocation
	deadline time.Time
	once     sync.Once
	done     chan ending
	streamed atomic.Bool // the response has begun to go to inv.Stream

	// settled is closed when the runtime and the extensions that got the event, too, have
	// asked for the next one; nil without such extensions.
	settled <-chan struct{}
}

// An ending is how an invocation ended.
type ending struct {
	payload []byte
	failed  bool
	kind    string // of the error
	status  string // in REPORT: "timeout", "error", "" for success
	ended   bool   // the sandbox is dead, or about to be
	untaken bool   // it died before it took the event
}

func (e *event) finish(how ending) { e.once.Do(func() { e.done <- how }) }

func failure(kind, message string) ending {
	return ending{payload: mustJSON(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{kind, message}), failed: true, kind: kind}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings always marshal
	}
	return b
}

// report writes END and REPORT and returns what they told.
func (s *Server) report(inv *lambdarunner.Invocation, how *ending, took, initTook time.Duration) (memoryMB int, tail []byte) {
	if s.o.Drain != nil {
		s.o.Drain(inv.Tail)
	}
	if s.o.MaxMemoryMB != nil {
		memoryMB = s.o.MaxMemoryMB()
	}
	if how.status == "timeout" { // the limit is what is billed (seen in logs); ending the runtime takes longer
		took = min(took, s.o.Function.Timeout)
	}
	ms := float64(took) / float64(time.Millisecond)
	extra := ""
	if initTook > 0 {
		extra = fmt.Sprintf("Init Duration: %.2f ms\t", float64(initTook)/float64(time.Millisecond))
	}
	if how.status != "" {
		extra += "Status: " + how.status
		if how.status == "error" {
			extra += "\tError Type: " + how.kind
		}
	}
	s.say("END RequestId: %s\n", inv.RequestID)
	s.say("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\tMax Memory Used: %d MB\t%s\n%s",
		inv.RequestID, ms, int(math.Ceil(ms)), s.o.Function.MemoryMB, memoryMB, extra, xrayLine(inv.TraceID))
	s.emitReport(inv, how, took, initTook, memoryMB)
	return memoryMB, s.o.Output.End()
}

// xrayLine ends the REPORT of a request whose trace is sampled (recorded); "" for others.
func xrayLine(trace string) string {
	if !strings.Contains(trace, "Sampled=1") {
		return ""
	}
	var root, parent string
	for part := range strings.SplitSeq(trace, ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "Root":
			root = value
		case "Parent":
			parent = value
		}
	}
	return "XRAY TraceId: " + root + "\tSegmentId: " + parent + "\tSampled: true\t\n"
}
