package process

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"time"

	"postern/lambdarunner"
)

// markerSize is the length of a printPipe's marker.
const markerSize = 32

// A printPipe reads what a process prints, line by line. Its owner can ask whether
// all printed so far has been read: here, where a pipe cannot be read without waiting, it writes a marker into it and
// waits until the marker comes out at the other end.
type printPipe struct {
	r, w   *os.File
	marker string
	print  func([]byte)
	synced chan struct{}
	done   chan struct{}
	mu     sync.Mutex // one sync at a time
	closed bool
}

func newPrintPipe(print func([]byte)) (*printPipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	random := make([]byte, markerSize/2)
	rand.Read(random)
	p := &printPipe{r: r, w: w, marker: hex.EncodeToString(random), print: print, synced: make(chan struct{}), done: make(chan struct{})}
	go p.read()
	return p, nil
}

func (p *printPipe) read() {
	defer close(p.done)
	r := bufio.NewReaderSize(p.r, lambdarunner.MaxLine)
	for {
		line, err := r.ReadSlice('\n')
		if before, _, found := strings.Cut(string(line), p.marker); found {
			if before != "" {
				p.print([]byte(before)) // printed without a line end so far
			}
			select {
			case p.synced <- struct{}{}:
			case <-time.After(syncLimit): // who asked has given up
			}
			continue
		}
		if len(line) > 0 {
			p.print(line)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

// syncLimit bounds a sync: a process that prints without end never lets it through.
const syncLimit = time.Second

// sync returns when all that was printed before the call has been read.
func (p *printPipe) sync() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.w.SetWriteDeadline(time.Now().Add(syncLimit))
	if _, err := p.w.WriteString(p.marker + "\n"); err != nil {
		return
	}
	select {
	case <-p.synced:
	case <-p.done:
	case <-time.After(syncLimit):
	}
}

func (p *printPipe) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.w.Close()
	p.r.SetReadDeadline(time.Now()) // a grandchild may hold the other end open
	<-p.done
	p.r.Close()
}
