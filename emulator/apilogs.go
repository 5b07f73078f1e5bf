package emulator

import (
	"postern/apigw"
	"postern/emulator/logs"
	"postern/emulator/store"
)

// apiLogs puts what is logged of API calls into CloudWatch Logs, or gives it to Firehose.
type apiLogs struct {
	service  *logs.Service
	firehose *deliveries
}

// Append hands the lines over; it does not wait until they are stored.
func (l apiLogs) Append(group apigw.LogDestination, stream string, lines []apigw.LogLine) {
	events := make([]logs.Event, len(lines))
	for i, line := range lines {
		events[i] = logs.Event{Time: line.Time, Message: line.Text}
	}
	l.service.Append(store.Scope{Account: group.AccountID, Region: group.Region}, group.Name, stream, events)
}

// Deliver hands the record over; it does not wait until it is delivered.
func (l apiLogs) Deliver(stream apigw.LogDestination, record []byte) { l.firehose.add(stream, record) }
