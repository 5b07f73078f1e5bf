// Package queue works SQS queues off for functions: it receives messages, hands them over in batches, and deletes
// what is done. It stores nothing, and knows no operations of Lambda: those are emulator/lambda's. Read queue.go,
// then batch.go.
package queue
