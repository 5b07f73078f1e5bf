package apigw

import "time"

// A Sent is what the client got in the end, for access logs.
type Sent struct {
	Status  int
	Length  int64         // of the body
	Latency time.Duration // from the request to the end of the answer
}

// An AccessLog is where a stage writes a line for each call, and how.
type AccessLog struct {
	To       LogDestination
	Delivery bool // To is a delivery stream of Firehose, else a group of CloudWatch Logs
	// Append prints the line of a call that was answered.
	Append func(dst []byte, x *Exchange) []byte
}

// A LogDestination is a log group or a delivery stream.
type LogDestination struct{ AccountID, Region, Name string }
