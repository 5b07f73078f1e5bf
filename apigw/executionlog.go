package apigw

import (
	"fmt"
	"strings"
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

// Logging is what is logged of a method's calls.
type Logging struct {
	FailuresOnly bool // level ERROR
	Data         bool // dataTraceEnabled
}

// maxLogText is how much of an event API Gateway prints, its "(request id) " not counted (measured on
// logs of AWS).
const maxLogText = 1024

// Printf adds a line, cut to the length that AWS cuts events to.
func (l *ExecutionLog) Printf(format string, args ...any) {
	if l != nil {
		l.add(fmt.Sprintf(format, args...))
	}
}

func (l *ExecutionLog) add(text string) {
	if len(text) > maxLogText {
		text = text[:maxLogText] + " [TRUNCATED]"
	}
	l.Lines = append(l.Lines, LogLine{l.Now(), strings.ToValidUTF8(text, "\uFFFD")})
}

// Body adds a line that ends in a body, where whole ones are wanted.
func (l *ExecutionLog) Body(title string, body []byte, binary bool) {
	switch {
	case l == nil || !l.Data:
	case binary && len(body) > 0:
		l.add(title + ": [Binary Data]")
	default:
		l.add(title + ": " + string(body[:min(len(body), maxLogText)]))
	}
}

// Map adds a line that ends in a map as Java prints it: {a=b, c=d}. What proves who calls is masked.
func (l *ExecutionLog) Map(title string, fields []Field) {
	if l == nil {
		return
	}
	var b strings.Builder
	b.WriteString(title)
	b.WriteString(": {")
	for i, f := range fields {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(f.Name)
		b.WriteByte('=')
		if secret(f.Name) {
			b.WriteString(Mask(f.Value))
		} else {
			b.WriteString(f.Value)
		}
	}
	b.WriteByte('}')
	l.add(b.String())
}

// secret tells the headers whose values logs must not show.
func secret(name string) bool {
	return equalFold(name, "Authorization") || equalFold(name, "x-api-key") || equalFold(name, "X-Amz-Security-Token")
}

// Mask hides all of a secret but its last six characters, as logs of AWS do.
func Mask(s string) string {
	hidden := max(len(s)-6, 0)
	return strings.Repeat("*", hidden) + s[hidden:]
}

// javaDate is how Java prints a date: "Thu Apr 05 11:07:54 UTC 2018".
const javaDate = "Mon Jan 02 15:04:05 UTC 2006"

// Text is the log as TestInvokeMethod and TestInvokeAuthorizer answer it: one line for the request,
// then one for each event with its date.
func (l *ExecutionLog) Text(requestID string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Execution log for request %s\n", requestID)
	for _, line := range l.Lines {
		fmt.Fprintf(&b, "%s : %s\n", line.Time.UTC().Format(javaDate), line.Text)
	}
	return b.String()
}
