// Package images makes Docker images for tests out of this machine's interpreters, since
// AWS's cannot be pulled where tests run. Each has what AWS's have for a sandbox to run:
// an entry point that takes the handler as its argument and speaks the Runtime API, an
// empty /var/task and /opt, and a /tmp for all.
package images
