// Package code unpacks deployment packages: each once, into a directory named for
// its content, which all sandboxes of all versions with that content share. It
// refuses what would write outside that directory and what is too large. Packages
// that lie over one another, as layers do, have a directory together (merge.go).
package code
