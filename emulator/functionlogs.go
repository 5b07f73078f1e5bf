package emulator

import (
	"postern/emulator/logs"
	"postern/emulator/store"
	"postern/lambdarunner"
)

// functionLogs puts what functions print into CloudWatch Logs.
type functionLogs struct{ service *logs.Service }

// Append hands the lines over; it does not wait until they are stored.
func (l functionLogs) Append(fn *lambdarunner.Function, stream string, events []lambdarunner.LogEvent) {
	lines := make([]logs.Event, len(events))
	for i, e := range events {
		lines[i] = logs.Event{Time: e.Time, Message: e.Message}
	}
	l.service.Append(store.Scope{Account: fn.AccountID, Region: fn.Region}, fn.LogGroup, stream, lines)
}
