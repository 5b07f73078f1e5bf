// Package cache keeps the answers of methods for a while, as the cache cluster of a stage
// does. It knows keys and answers; what a key is made of and who may renew an entry is
// decided by Method, the pair of steps around an integration. Read cache.go, then method.go.
package cache
