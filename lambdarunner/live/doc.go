// Package live tells when the files of a directory have changed, for code that runs as it is saved.
//
// What was saved before a question is in its answer, always. Linux is asked for what it has noted of the
// directories since (inotify), in the question itself: a watcher with a goroutine of its own, as libraries have
// it, may hear of a change after the request that should have seen it. Elsewhere, and on file systems that other
// machines change, every file is looked at for each question.
package live
