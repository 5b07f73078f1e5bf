package domain

import (
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// A Registry holds the domains that are served, by name. The zero value is empty.
type Registry struct {
	count atomic.Int64
	names sync.Map // name → *entry
}

// An entry is a domain, or how to get it: it is made when somebody first asks for it.
type entry struct {
	domain func() *Domain
}

// Set serves a domain from now on, in place of the one of its name.
func (r *Registry) Set(d *Domain) { r.put(d.Name, func() *Domain { return d }) }

// Announce serves a name whose domain is made when it is first asked for. load returns nil if
// there is none after all.
func (r *Registry) Announce(name string, load func() *Domain) {
	r.put(strings.ToLower(name), sync.OnceValue(load))
}

func (r *Registry) put(name string, domain func() *Domain) {
	if _, was := r.names.Swap(name, &entry{domain}); !was {
		r.count.Add(1)
	}
}

// Remove ends a name.
func (r *Registry) Remove(name string) {
	if _, was := r.names.LoadAndDelete(strings.ToLower(name)); was {
		r.count.Add(-1)
	}
}

// Clear ends all names.
func (r *Registry) Clear() {
	r.names.Range(func(name, _ any) bool {
		r.Remove(name.(string))
		return true
	})
}

// Lookup finds the domain of a host, which may have a port: the one of this name, else the
// wildcard above it. It returns nil for a host that is no custom domain.
func (r *Registry) Lookup(host string) *Domain {
	if r.count.Load() == 0 {
		return nil
	}
	host = normal(host)
	if d := r.get(host); d != nil {
		return d
	}
	if dot := strings.IndexByte(host, '.'); dot > 0 {
		return r.get("*" + host[dot:])
	}
	return nil
}

func (r *Registry) get(name string) *Domain {
	e, ok := r.names.Load(name)
	if !ok {
		return nil
	}
	return e.(*entry).domain()
}

// normal is a host in lower case, without its port and the dot of the root.
func normal(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
