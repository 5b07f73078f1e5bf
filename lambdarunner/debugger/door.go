package debugger

import (
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// dialLimit is how long a debugger may take until it listens, once its program was started.
const dialLimit = 10 * time.Second

// A Door is the port of one function. It leads to the debugger in the sandbox that was started last; while there
// is none, who knocks waits. A nil one is that of a function that nobody steps through.
type Door struct {
	Wait bool // as in Target

	ln      net.Listener
	serving sync.WaitGroup
	closed  chan struct{}

	// mu guards the rest.
	mu       sync.Mutex
	inside   string // address of the debugger, "" for none
	changed  chan struct{}
	met      bool                  // somebody has come to the debugger that is inside
	visitors map[net.Conn]struct{} // and their connections to debuggers
	attached int                   // of them
}

// Open listens at the port of a target.
func Open(t Target) (*Door, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(t.Port)))
	if err != nil {
		return nil, err
	}
	d := &Door{Wait: t.Wait, ln: ln, closed: make(chan struct{}), changed: make(chan struct{}), visitors: map[net.Conn]struct{}{}}
	d.serving.Go(d.accept)
	return d, nil
}

// Addr is where debuggers connect.
func (d *Door) Addr() string { return d.ln.Addr().String() }

// Lead makes the door lead to a debugger that is listening soon.
func (d *Door) Lead(to string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside, d.met = to, false
	close(d.changed)
	d.changed = make(chan struct{})
}

// Leave tells that a debugger is gone.
func (d *Door) Leave(from string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside == from {
		d.inside = ""
	}
}

// Suspends tells that time limits do not count: somebody is attached, or is waited for.
func (d *Door) Suspends() bool {
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.attached > 0 || d.Wait && !d.met && d.inside != ""
}

// Close ends all connections.
func (d *Door) Close() error {
	err := d.ln.Close()
	close(d.closed)
	d.mu.Lock()
	for c := range d.visitors {
		c.Close()
	}
	d.mu.Unlock()
	d.serving.Wait()
	return err
}

func (d *Door) accept() {
	for {
		conn, err := d.ln.Accept()
		if err != nil {
			return
		}
		d.serving.Go(func() { d.serve(conn) })
	}
}

func (d *Door) serve(conn net.Conn) {
	defer d.forget(conn)
	if !d.keep(conn) {
		return
	}
	inside, err := d.enter()
	if err != nil {
		return
	}
	defer d.forget(inside)
	if !d.keep(inside) {
		return
	}
	d.count(1)
	defer d.count(-1)
	done := make(chan struct{}, 2)
	pass := func(to, from net.Conn) {
		io.Copy(to, from)
		done <- struct{}{}
	}
	go pass(inside, conn)
	go pass(conn, inside)
	<-done // a debugger's session has no end of one side
}

// enter connects to the debugger, as soon as there is one that listens.
func (d *Door) enter() (net.Conn, error) {
	var begun time.Time
	for {
		d.mu.Lock()
		to, changed := d.inside, d.changed
		d.mu.Unlock()
		if to != "" {
			conn, err := dial(to)
			if err == nil {
				return conn, nil
			}
			if begun.IsZero() {
				begun = time.Now()
			}
			if time.Since(begun) > dialLimit {
				return nil, err
			}
		}
		var again <-chan time.Time
		if to != "" {
			again = time.After(20 * time.Millisecond)
		}
		select {
		case <-changed:
			begun = time.Time{}
		case <-again:
		case <-d.closed:
			return nil, errors.New("the door is closed")
		}
	}
}

func (d *Door) keep(c net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.closed:
		return false
	default:
		d.visitors[c] = struct{}{}
		return true
	}
}

func (d *Door) forget(c net.Conn) {
	d.mu.Lock()
	delete(d.visitors, c)
	d.mu.Unlock()
	c.Close()
}

func (d *Door) count(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attached += n
	d.met = d.met || n > 0
}
