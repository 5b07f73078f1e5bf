package runtimeapi

import (
	"math"
	"time"

	"postern/lambdarunner"
)

// The events of the platform, by the Telemetry API's schema (Lambda developer guide, "Telemetry API
// Event schema reference", read 2026-11). Unlike AWS, they name no version of the runtime, of which
// there is none, and the Logs API's are the same where the Logs API has them.

type initRecord struct {
	Type            string   `json:"initializationType"`
	Phase           string   `json:"phase"`
	FunctionName    string   `json:"functionName,omitempty"`
	FunctionVersion string   `json:"functionVersion,omitempty"`
	Status          string   `json:"status,omitempty"`
	ErrorType       string   `json:"errorType,omitempty"`
	Metrics         *metrics `json:"metrics,omitempty"`
}

type invokeRecord struct {
	RequestID string   `json:"requestId"`
	Version   string   `json:"version,omitempty"`
	Status    string   `json:"status,omitempty"`
	ErrorType string   `json:"errorType,omitempty"`
	Metrics   *metrics `json:"metrics,omitempty"`
	Spans     []span   `json:"spans,omitempty"`
	Tracing   *tracing `json:"tracing,omitempty"`
}

type metrics struct {
	DurationMs    float64  `json:"durationMs"`
	ProducedBytes *int     `json:"producedBytes,omitempty"`
	BilledMs      *int     `json:"billedDurationMs,omitempty"`
	MemorySizeMB  *int     `json:"memorySizeMB,omitempty"`
	MaxMemoryMB   *int     `json:"maxMemoryUsedMB,omitempty"`
	InitMs        *float64 `json:"initDurationMs,omitempty"`
}

type span struct {
	Name       string  `json:"name"`
	Start      string  `json:"start"`
	DurationMs float64 `json:"durationMs"`
}

type tracing struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func tracingOf(inv *lambdarunner.Invocation) *tracing {
	if inv.TraceID == "" {
		return nil
	}
	return &tracing{"X-Amzn-Trace-Id", inv.TraceID}
}

// millis has microseconds, as AWS's records do.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// emitInit says how far the init phase is.
func (s *Server) emitInit(event string, r initRecord) {
	r.Type, r.Phase = s.o.Function.Initialization(), "init"
	s.telemetry.emit(platformStream, event, r)
}

// emitInitEnd says that the runtime has done its part of the init phase, or that it will not.
func (s *Server) emitInitEnd(status, errorType string) {
	s.initDone.Do(func() { s.emitInit("platform.initRuntimeDone", initRecord{Status: status, ErrorType: errorType}) })
}

// emitInitReport ends the init phase.
func (s *Server) emitInitReport(status, errorType string) {
	s.initReported.Do(func() {
		took := s.o.Now().Sub(s.started)
		s.emitInit("platform.initReport", initRecord{Status: status, ErrorType: errorType, Metrics: &metrics{DurationMs: millis(took)}})
	})
}

func (s *Server) emitStart(inv *lambdarunner.Invocation) {
	if s.telemetry.active.Load() {
		s.telemetry.emit(platformStream, "platform.start", invokeRecord{RequestID: inv.RequestID, Version: s.o.Function.Version, Tracing: tracingOf(inv)})
	}
}

// statusOf is how an invocation ended. That a function's own error is "error" and the end of its
// sandbox "failure" is documented nowhere: the words are, not which is which.
func statusOf(how *ending) (status, errorType string) {
	switch {
	case how.status == "timeout":
		return "timeout", ""
	case how.ended:
		return "failure", how.kind
	case how.failed:
		return "error", how.kind
	}
	return "success", ""
}

// emitRuntimeDone says that the runtime has answered, or will not.
func (r *run) emitRuntimeDone(how *ending, took time.Duration) {
	s := r.s
	if !s.telemetry.active.Load() {
		return
	}
	done := invokeRecord{RequestID: r.inv.RequestID, Metrics: &metrics{DurationMs: millis(took)}, Tracing: tracingOf(r.inv)}
	done.Status, done.ErrorType = statusOf(how)
	if !how.ended {
		answered := r.begun.Add(took)
		bytes := len(how.payload)
		done.Metrics.ProducedBytes = &bytes
		done.Spans = []span{{"responseLatency", timeOf(r.begun), millis(took)}, {"responseDuration", timeOf(answered), 0}}
	}
	s.telemetry.emit(platformStream, "platform.runtimeDone", done)
}

// emitReport says what REPORT says.
func (s *Server) emitReport(inv *lambdarunner.Invocation, how *ending, took, initTook time.Duration, memoryMB int) {
	if !s.telemetry.active.Load() {
		return
	}
	billed, size := int(math.Ceil(float64(took)/float64(time.Millisecond))), s.o.Function.MemoryMB
	m := &metrics{DurationMs: millis(took), BilledMs: &billed, MemorySizeMB: &size, MaxMemoryMB: &memoryMB}
	if initTook > 0 {
		ms := millis(initTook)
		m.InitMs = &ms
	}
	report := invokeRecord{RequestID: inv.RequestID, Metrics: m, Tracing: tracingOf(inv)}
	report.Status, report.ErrorType = statusOf(how)
	s.telemetry.emit(platformStream, "platform.end", invokeRecord{RequestID: inv.RequestID})
	s.telemetry.emit(platformStream, "platform.report", report)
}

// FunctionLine takes a line that the runtime printed.
func (s *Server) FunctionLine(line []byte) {
	s.telemetry.line(functionStream, s.o.Output.Line(line))
}

// ExtensionLine takes a line that an external extension printed.
func (s *Server) ExtensionLine(line []byte) {
	s.telemetry.line(extensionStream, s.o.Output.Line(line))
}
