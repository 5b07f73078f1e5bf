package main

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// A fan delivers messages to many connections: each worker has some of them, and goes to the next once the
// message has arrived.
type fan struct {
	sockets []*socket
	callers []*socket // of HTTP requests, one a worker, where those deliver
	deliver func(worker int, to *socket) error
}

func (f fan) close() {
	closeSockets(f.sockets)
	closeSockets(f.callers)
}

// run delivers for a while and returns how many messages a second arrived.
func (f fan) run(d time.Duration) (sample, error) {
	counts, errs := make([]int, fanWorkers), make([]error, fanWorkers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range fanWorkers {
		wg.Go(func() {
			for i := w; errs[w] == nil && time.Since(start) < d; i += fanWorkers {
				if errs[w] = f.deliver(w, f.sockets[i%len(f.sockets)]); errs[w] == nil {
					counts[w]++
				}
			}
		})
	}
	wg.Wait()
	elapsed, all := time.Since(start), 0
	for _, n := range counts {
		all += n
	}
	return sample{perSecond: float64(all) / elapsed.Seconds(), count: all}, errors.Join(errs...)
}

const (
	fanConnections = 1000
	fanWorkers     = 8 // divides fanConnections, so that each connection has one worker
)

// fanOut is G14: a message for each of 1,000 connections, sent to @connections, against a bare server of
// the same library that sends back what each of 1,000 connections sent.
func (b *bench) fanOut() ([]result, error) {
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	posts, err := postsTo(ours)
	defer posts.close()
	if err != nil {
		return nil, err
	}
	theirs, err := startBaseline("echo")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	echoes, err := echoesOf(theirs)
	defer echoes.close()
	if err != nil {
		return nil, err
	}
	c, err := b.compare(side{posts, ours}, side{echoes, theirs})
	if err != nil {
		return nil, err
	}
	return []result{{id: "G14", what: "@connections to 1,000 connections / bare echo of the same library, messages/s", value: c.perSecond, unit: "x", gate: 0.4,
		note: fmt.Sprintf("an HTTP request and a frame against two frames; CPU %.2fx", c.cpu)}}, nil
}

// postsTo opens connections to a WebSocket API of ours, and posts messages to them.
func postsTo(ours *child) (fan, error) {
	api, err := deploySocket(ours)
	if err != nil {
		return fan{}, err
	}
	host := api + ".execute-api.localhost"
	var f fan
	f.sockets, err = dialSockets(fanConnections, func() (*socket, error) {
		s, err := dialSocket(ours.addr, host, "/bench")
		if err == nil {
			err = s.preparePost(ours.config(), host)
		}
		return s, err
	})
	if err != nil {
		return f, err
	}
	for range fanWorkers {
		conn, err := net.Dial("tcp", ours.addr)
		if err != nil {
			return f, err
		}
		f.callers = append(f.callers, &socket{Conn: conn, r: newReader(conn)})
	}
	f.deliver = func(worker int, to *socket) error {
		c := f.callers[worker]
		if _, err := c.Write(to.post); err != nil {
			return err
		}
		status, answer, err := readResponse(c.r)
		if err != nil || status != 200 {
			return fmt.Errorf("status %d: %s: %w", status, answer, err)
		}
		return hears(to, body)
	}
	return f, nil
}

// echoesOf opens connections to the bare server, which sends back what it gets.
func echoesOf(theirs *child) (f fan, err error) {
	f.sockets, err = dialSockets(fanConnections, func() (*socket, error) { return dialSocket(theirs.addr, theirs.addr, "/") })
	f.deliver = func(_ int, to *socket) error {
		if err := to.say(body); err != nil {
			return err
		}
		return hears(to, body)
	}
	return f, err
}

func hears(s *socket, want string) error {
	got, err := s.hear()
	if err == nil && got != want {
		err = fmt.Errorf("heard %.100q, want %.100q", got, want)
	}
	return err
}

// idleConnections is G15: what 10,000 connections cost that say nothing. Where the system lets a process
// have fewer files, there are fewer connections, and the bound is as much lower.
func (b *bench) idleConnections() ([]result, error) {
	const wanted, spare = 10_000, 500
	n := wanted
	files, err := openFiles()
	if err != nil {
		return nil, err
	}
	if files < wanted+spare {
		n = int(files) - spare
	}
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	api, err := deploySocket(ours)
	if err != nil {
		return nil, err
	}
	before := ours.rss()
	all, err := dialSockets(n, func() (*socket, error) { return dialSocket(ours.addr, api+".execute-api.localhost", "/bench") })
	defer closeSockets(all)
	if err != nil {
		return nil, err
	}
	rss := ours.rss()
	return []result{{id: "G15", what: fmt.Sprintf("RSS with %d idle WebSocket connections", n), value: rss, unit: "MB", gate: 500 * float64(n) / wanted, atMost: true,
		note: fmt.Sprintf("%.1f kB each", (rss-before)*1024/float64(n))}}, nil
}
