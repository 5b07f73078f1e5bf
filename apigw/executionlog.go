package apigw

import (
	"fmt"
	"time"
)

// An ExecutionLog collects what is done to one call, in API Gateway's own lines. Steps
// print to Exchange.Log as they go; who made the log decides where its lines end up: in
// CloudWatch Logs, or in the answer of TestInvokeMethod. The nil log takes nothing, so
// that a step on the invoke path asks for it first:
//
//	if x.Log != nil { x.Log.Printf("Starting authorizer: %s for request: %s", …) }
type ExecutionLog struct {
	Data  bool             // whether whole requests and responses are wanted: dataTraceEnabled
	Now   func() time.Time // required
	Lines []LogLine
}

// A LogLine is one event of a log.
type LogLine struct {
	Time time.Time
	Text string
}

// Printf adds a line.
func (l *ExecutionLog) Printf(format string, args ...any) {
	if l != nil {
		l.Lines = append(l.Lines, LogLine{l.Now(), fmt.Sprintf(format, args...)})
	}
}
