// Package eventsource is the vocabulary of event sources that functions get batches of records from: who calls
// the source and the function, which records a mapping wants, what a function says of a batch, how long to wait
// after a failure. It polls nothing: that is eventsource/queue for SQS and eventsource/stream for Kinesis and
// DynamoDB. Read source.go, then failures.go; pattern.go is on its own.
package eventsource
