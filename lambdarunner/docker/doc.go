// Package docker runs functions in containers of a Docker engine, one container a
// sandbox, from AWS's public Lambda images or the user's own. It speaks to the engine
// only through its API: code travels inside requests, never as a bind mount, so a
// remote engine and an engine whose sibling we are work like a local one.
//
// It does not keep warm sandboxes or count concurrency (lambdarunner.Pool does) and
// does not speak the Runtime API itself (lambdarunner/runtimeapi does). Read
// launcher.go first, then reach.go for how a container finds us.
//
// What a container may do: 1769 MB of memory make one CPU, 1024 processes, 1024 open
// files, no capabilities, no new privileges, a read-only file system but for /tmp,
// AWS's unprivileged user. What it may reach: the Internet, as on AWS; other sandboxes
// not; of this machine the Runtime API and Postern's endpoint only, where Postern is
// allowed to say so to the firewall (firewall.go), else every port that listens on all
// addresses, as from any container.
package docker
