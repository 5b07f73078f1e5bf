package emulator

import (
	"postern/apigw"
	"postern/emulator/logs"
	"postern/emulator/store"
)

// apiLogs puts what is logged of API calls into CloudWatch Logs.
type apiLogs struct{ service *logs.Service }

// Append hands the lines over; it does not wait until they are stored.
func (l apiLogs) Append(stage *apigw.Stage, group, stream string, lines []apigw.LogLine) {
	events := make([]logs.Event, len(lines))
	for i, line := range lines {
		events[i] = logs.Event{Time: line.Time, Message: line.Text}
	}
	l.service.Append(store.Scope{Account: stage.AccountID, Region: stage.Region}, group, stream, events)
}
