package runtimeapi

import (
	"fmt"
	"math"
	"time"

	"postern/lambdarunner"
)

// The events of the platform, by the Telemetry API's schema (Lambda developer guide, "Telemetry API
// Event schema reference", read 2026-11). Unlike AWS, the Logs API's are the same where the Logs API has them.
// A function whose LogFormat is JSON has them in its log, too, instead of START, END and REPORT.

type initRecord struct {
	Type            string   `json:"initializationType"`
	Phase           string   `json:"phase"`
	RuntimeVersion  string   `json:"runtimeVersion,omitempty"`
	RuntimeARN      string   `json:"runtimeVersionArn,omitempty"`
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

// heard tells whether anybody hears of an event of a level.
func (s *Server) heard(level lambdarunner.LogLevel) bool {
	return s.telemetry.active.Load() || s.logs(level)
}

// logs tells whether an event of a level is logged as JSON.
func (s *Server) logs(level lambdarunner.LogLevel) bool {
	l := &s.o.Function.Logging
	return l.JSON && level >= l.System
}

// emit tells subscribers and, for its level, the log (Lambda Developer Guide, "Log-level filtering": the level of each system
// event). Callers ask heard first where a body costs something to make.
func (s *Server) emit(level lambdarunner.LogLevel, event string, body any) {
	if s.logs(level) {
		s.o.Output.Record(appendRecord(s.o.Now(), event, body))
	}
	s.telemetry.emit(platformStream, event, body)
}

// say logs a line of text, unless the log is JSON.
func (s *Server) say(format string, args ...any) {
	if !s.o.Function.Logging.JSON {
		s.o.Output.Platform(format, args...)
	}
}

// levelOf is the level of an event that is worth a warning unless it is a success.
func levelOf(status string, success lambdarunner.LogLevel) lambdarunner.LogLevel {
	if status != "success" {
		return lambdarunner.LevelWarn
	}
	return success
}

// emitInitStart begins the init phase.
func (s *Server) emitInitStart() {
	fn := s.o.Function
	version, level := fn.RuntimeVersion(), lambdarunner.LevelDebug
	if version != "" {
		level = lambdarunner.LevelInfo
		if !fn.Logging.JSON {
			s.o.Output.Announce("INIT_START Runtime Version: " + version + "\tRuntime Version ARN: " + fn.RuntimeARN + "\n")
		}
	}
	s.emitInit(level, "platform.initStart", initRecord{
		RuntimeVersion: version, RuntimeARN: fn.RuntimeARN, FunctionName: fn.Name, FunctionVersion: fn.Version,
	})
}

// emitInit says how far the init phase is.
func (s *Server) emitInit(level lambdarunner.LogLevel, event string, r initRecord) {
	r.Type, r.Phase = s.o.Function.Initialization(), "init"
	s.emit(level, event, r)
}

// emitInitEnd says that the runtime has done its part of the init phase, or that it will not.
func (s *Server) emitInitEnd(status, errorType string) {
	s.initDone.Do(func() {
		s.emitInit(levelOf(status, lambdarunner.LevelDebug), "platform.initRuntimeDone", initRecord{Status: status, ErrorType: errorType})
	})
}

// emitInitReport ends the init phase.
func (s *Server) emitInitReport(status, errorType string) {
	s.initReported.Do(func() {
		took := s.o.Now().Sub(s.started)
		success := lambdarunner.LevelDebug
		if s.o.Function.Provisioned {
			success = lambdarunner.LevelInfo
		}
		if status != "success" {
			s.say("%s", initReport(took, status, errorType))
		}
		s.emitInit(levelOf(status, success), "platform.initReport", initRecord{Status: status, ErrorType: errorType, Metrics: &metrics{DurationMs: millis(took)}})
	})
}

// initReport is the line about an init phase that failed (recorded).
func initReport(took time.Duration, status, errorType string) string {
	line := fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: %s", millis(took), status)
	if errorType != "" {
		line += "\tError Type: " + errorType
	}
	return line + "\n"
}

func (s *Server) emitStart(inv *lambdarunner.Invocation) {
	if s.heard(lambdarunner.LevelInfo) {
		s.emit(lambdarunner.LevelInfo, "platform.start", invokeRecord{RequestID: inv.RequestID, Version: s.o.Function.Version, Tracing: tracingOf(inv)})
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
	status, kind := statusOf(how)
	level := levelOf(status, lambdarunner.LevelDebug)
	if !s.heard(level) {
		return
	}
	done := invokeRecord{RequestID: r.inv.RequestID, Metrics: &metrics{DurationMs: millis(took)}, Tracing: tracingOf(r.inv)}
	done.Status, done.ErrorType = status, kind
	if !how.ended {
		answered := r.begun.Add(took)
		bytes := len(how.payload)
		done.Metrics.ProducedBytes = &bytes
		done.Spans = []span{{"responseLatency", timeOf(r.begun), millis(took)}, {"responseDuration", timeOf(answered), 0}}
	}
	if s.logs(level) && s.o.Drain != nil {
		s.o.Drain(r.inv.Tail) // it comes after what the function printed
	}
	s.emit(level, "platform.runtimeDone", done)
}

// emitReport says what REPORT says.
func (s *Server) emitReport(inv *lambdarunner.Invocation, how *ending, took, initTook time.Duration, memoryMB int) {
	status, kind := statusOf(how)
	level := levelOf(status, lambdarunner.LevelInfo)
	if !s.heard(level) {
		return
	}
	billed, size := int(math.Ceil(float64(took)/float64(time.Millisecond))), s.o.Function.MemoryMB
	m := &metrics{DurationMs: millis(took), BilledMs: &billed, MemorySizeMB: &size, MaxMemoryMB: &memoryMB}
	if initTook > 0 {
		ms := millis(initTook)
		m.InitMs = &ms
	}
	report := invokeRecord{RequestID: inv.RequestID, Metrics: m, Tracing: tracingOf(inv)}
	report.Status, report.ErrorType = status, kind
	if s.telemetry.active.Load() { // logs do not have it
		s.telemetry.emit(platformStream, "platform.end", invokeRecord{RequestID: inv.RequestID})
	}
	s.emit(level, "platform.report", report)
}

// FunctionLine takes a line that the runtime printed.
func (s *Server) FunctionLine(line []byte) {
	if s.o.Function.Logging.Keeps(line) {
		s.telemetry.line(functionStream, s.o.Output.Line(line))
	}
}

// ExtensionLine takes a line that an external extension printed.
func (s *Server) ExtensionLine(line []byte) {
	s.telemetry.line(extensionStream, s.o.Output.Line(line))
}
