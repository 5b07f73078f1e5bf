//go:build !windows

package process

import (
	"os"
	"sync"
	"syscall"
	"time"

	"postern/lambdarunner"
)

// pipeSize is what a pipe holds, in bytes, of what nobody has read (pipe(7)).
const pipeSize = 64 << 10

// A printPipe reads what a process prints, line by line, as it comes. Who wants to know that all printed so far
// has been read reads it.
type printPipe struct {
	r, w *os.File
	conn syscall.RawConn // of r
	done chan struct{}

	mu     sync.Mutex // held from reading some output to printing it
	lines  lambdarunner.Lines
	buffer []byte
}

func newPrintPipe(print func([]byte)) (*printPipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &printPipe{r: r, w: w, done: make(chan struct{}), lines: lambdarunner.Lines{Print: print}, buffer: make([]byte, 16<<10)}
	if p.conn, err = r.SyscallConn(); err != nil {
		return nil, err
	}
	go p.read()
	return p, nil
}

// read prints until all who can write have ended, or close.
func (p *printPipe) read() {
	defer close(p.done)
	_ = p.conn.Read(func(fd uintptr) (end bool) {
		for {
			p.mu.Lock()
			n, err := p.some(fd)
			p.mu.Unlock()
			if n <= 0 {
				return err != syscall.EAGAIN
			}
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines.Flush()
}

// some prints some of what is there; p.mu is held. The error is EAGAIN where there is nothing.
func (p *printPipe) some(fd uintptr) (n int, err error) {
	for {
		n, err = syscall.Read(int(fd), p.buffer)
		if err != syscall.EINTR {
			break
		}
	}
	if n > 0 {
		_, _ = p.lines.Write(p.buffer[:n])
	}
	return n, err
}

// sync returns when all that was printed before the call has been read, a line without an end included.
func (p *printPipe) sync() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.Control(func(fd uintptr) {
		for read := 0; read < pipeSize; { // what comes after that was printed later
			n, _ := p.some(fd)
			if n <= 0 {
				return
			}
			read += n
		}
	})
	p.lines.Flush()
}

func (p *printPipe) close() {
	p.w.Close()
	p.r.SetReadDeadline(time.Now()) // a grandchild may hold the other end open
	<-p.done
	p.r.Close()
}
