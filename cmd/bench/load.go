package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A load is a closed loop of clients that send one request over and over, each on
// its own connection. It speaks HTTP/1.1 on the bare socket, since on two cores an
// http.Client would cost more than the server it measures.
type load struct {
	addr    string
	request []byte
	clients int
	status  int // what every answer must have
}

// A sample is what a round of load saw.
type sample struct {
	perSecond float64
	count     int
	p50       time.Duration
}

// request is one in bytes; headers are lines.
func request(method, host, path, body string, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", method, path, host, len(body))
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return b.Bytes()
}

// run loads for d and returns what came of it; any wrong answer is an error.
func (l load) run(d time.Duration) (sample, error) {
	var wg sync.WaitGroup
	took := make([][]time.Duration, l.clients)
	errs := make([]error, l.clients)
	start := time.Now()
	for i := range l.clients {
		wg.Go(func() { took[i], errs[i] = l.client(start.Add(d)) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	all := slices.Concat(took...)
	if err := errors.Join(errs...); err != nil || len(all) == 0 {
		return sample{}, fmt.Errorf("load on %s: %d answers: %w", l.addr, len(all), err)
	}
	slices.Sort(all)
	return sample{perSecond: float64(len(all)) / elapsed.Seconds(), count: len(all), p50: all[len(all)/2]}, nil
}

func (l load) client(until time.Time) (took []time.Duration, err error) {
	c, err := net.Dial("tcp", l.addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	r := newReader(c)
	for {
		start := time.Now()
		if start.After(until) {
			return took, nil
		}
		c.SetDeadline(start.Add(30 * time.Second))
		if _, err := c.Write(l.request); err != nil {
			return took, err
		}
		status, body, err := readResponse(r)
		if err != nil {
			return took, err
		}
		if status != l.status {
			return took, fmt.Errorf("status %d, want %d: %s", status, l.status, body)
		}
		took = append(took, time.Since(start))
	}
}

// readResponse reads an answer that has a Content-Length or is chunked.
func readResponse(r *bufio.Reader) (status int, body []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, fmt.Errorf("status line %q", line)
	}
	status, _ = strconv.Atoi(string(line[9:12]))
	length, chunked := 0, false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	if chunked {
		body, err = readChunks(r)
		return status, body, err
	}
	body = make([]byte, length)
	_, err = io.ReadFull(r, body)
	return status, body, err
}

func readChunks(r *bufio.Reader) (body []byte, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return nil, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return nil, err
		}
		body = append(body, chunk[:n]...)
		if n == 0 {
			return body, nil
		}
	}
}

// A loader makes load for a while.
type loader interface {
	run(d time.Duration) (sample, error)
}

// A side is one of two programs under the same load.
type side struct {
	loader
	child *child // whose CPU time counts, nil for none
}

// A comparison is how two sides did in alternating rounds: medians of the rounds'
// ratios ours / baseline.
type comparison struct{ perSecond, cpu, p50 float64 }

// compare loads ours and baseline in turn.
func (b *bench) compare(ours, baseline side) (comparison, error) {
	var rates, cpus, p50s []float64
	for i := range b.rounds + 1 { // the first warms up
		a, aCPU, err := b.roundOf(ours)
		if err != nil {
			return comparison{}, fmt.Errorf("postern: %w", err)
		}
		z, zCPU, err := b.roundOf(baseline)
		if err != nil {
			return comparison{}, fmt.Errorf("baseline: %w", err)
		}
		if i == 0 {
			continue
		}
		rates = append(rates, a.perSecond/z.perSecond)
		cpus = append(cpus, aCPU/zCPU)
		p50s = append(p50s, float64(a.p50)/float64(z.p50))
	}
	return comparison{median(rates), median(cpus), median(p50s)}, nil
}

// roundOf is one round and the CPU seconds a request cost the side's program.
func (b *bench) roundOf(s side) (sample, float64, error) {
	var before, after time.Duration
	if s.child != nil {
		before = s.child.cpu()
	}
	got, err := s.run(b.round)
	if s.child != nil {
		after = s.child.cpu()
	}
	return got, (after - before).Seconds() / float64(max(got.count, 1)), err
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// repeat sends the request n times over the load's clients.
func (l load) repeat(n int) error {
	errs := make([]error, l.clients)
	var wg sync.WaitGroup
	for i := range l.clients {
		wg.Go(func() { errs[i] = l.times(n / l.clients) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (l load) times(n int) error {
	c, err := net.Dial("tcp", l.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	r := newReader(c)
	for range n {
		c.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := c.Write(l.request); err != nil {
			return err
		}
		if status, body, err := readResponse(r); err != nil || status != l.status {
			return fmt.Errorf("status %d: %s: %w", status, body, err)
		}
	}
	return nil
}

func newReader(c net.Conn) *bufio.Reader { return bufio.NewReaderSize(c, 16<<10) }
