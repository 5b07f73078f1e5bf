package service

import (
	"fmt"
	"net/url"
	"slices"
)

// Endpoints say where services answer.
type Endpoints struct {
	given map[string]*url.URL // by the service's name
	own   *url.URL
	has   []string // services that own has
}

// NewEndpoints reads URLs by service, with any name that Find knows. They come before own, where
// Postern itself answers for the services in has; own is "" where it cannot be called.
func NewEndpoints(given map[string]string, own string, has ...string) (*Endpoints, error) {
	e := &Endpoints{given: map[string]*url.URL{}, has: has}
	for name, raw := range given {
		u, err := ParseURL(raw)
		if err != nil {
			return nil, fmt.Errorf("endpoint of service %s: %w", name, err)
		}
		e.given[Find(name).Name] = u
	}
	if own != "" {
		u, err := ParseURL(own)
		if err != nil {
			return nil, err
		}
		e.own = u
	}
	return e, nil
}

// ParseURL reads the address of a server: http or https, a host, perhaps a path.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no http:// or https:// URL", raw)
	}
	return u, nil
}

// URL is where a service answers. The error says how to name a place.
func (e *Endpoints) URL(s Service) (*url.URL, error) {
	if e != nil {
		if u, ok := e.given[s.Name]; ok {
			return u, nil
		}
		if u, ok := e.given[s.Beside]; ok {
			return u, nil
		}
		if e.own != nil && slices.Contains(e.has, s.Name) {
			return e.own, nil
		}
	}
	return nil, fmt.Errorf("no endpoint for service %s: give --service-endpoint %s=URL", s.Name, s.Name)
}

// Given tells whether a place was named where a service answers.
func (e *Endpoints) Given(s Service) bool {
	_, ok := e.given[s.Name]
	return ok
}
