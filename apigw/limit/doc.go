// Package limit bounds and counts requests: token buckets, quotas by day, week or month,
// and the API keys and usage plans of an account and region as they are now. It keeps
// everything in memory and does no I/O; who stores keys and counters hands them in.
// Read bucket.go, then keys.go.
package limit
