// Package stream reads Kinesis and DynamoDB streams for functions: it follows the shards from parents to children,
// gives what they hold to the function in batches, in order, and keeps how far it came. It stores nothing itself,
// and knows no operations of Lambda: those are emulator/lambda's. Read stream.go, then shard.go, read.go and
// deliver.go; kinesis.go and dynamodb.go are what the two services have for themselves.
package stream
