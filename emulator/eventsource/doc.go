// Package eventsource polls the queues that functions get their events from, and hands what comes over in
// batches. It stores nothing, and knows no operations of Lambda: those are emulator/lambda's. Read queue.go,
// then batch.go; pattern.go decides which records a mapping wants.
package eventsource
