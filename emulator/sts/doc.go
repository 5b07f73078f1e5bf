// Package sts serves STS: who a caller is, and temporary credentials of roles,
// which it keeps so that signatures made with them can be verified.
//
// Read service.go first.
package sts
