// Package store keeps everything Postern remembers in one SQLite file: typed
// documents, code blobs and log events, changed in transactions that are on disk
// before they are acknowledged. It knows nothing of what the documents mean.
//
// Read store.go first, then kind.go, which is what services call.
package store
