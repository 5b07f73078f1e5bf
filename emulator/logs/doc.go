// Package logs serves CloudWatch Logs: groups, streams and their events, where
// functions' output lands. It keeps no metrics, queries or subscriptions.
//
// Read service.go first; pattern.go is the language of FilterLogEvents.
package logs
