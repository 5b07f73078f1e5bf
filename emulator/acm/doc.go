// Package acm serves AWS Certificate Manager: certificates that users import, and ones
// that an Issuer, here the local CA, makes for whoever asks. Custom domain names of API
// Gateway are served with them.
//
// Private keys lie in the store as they are: its file belongs to its owner alone, as the
// local CA's key does. Read service.go first, then import.go and request.go.
package acm
