// Package streamtest is a small Kinesis and DynamoDB Streams for tests: one stream with shards that can be split and
// merged, over HTTP in the JSON protocols of the two services. It checks no signatures and limits nothing. Read stream.go.
package streamtest
