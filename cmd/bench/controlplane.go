package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// createRestAPI is the request of G8.
func createRestAPI(addr string) []byte {
	return request("POST", addr, "/restapis", `{"name":"bench","description":"an API to measure with","endpointConfiguration":{"types":["REGIONAL"]}}`)
}

// motoShare is what moto's server does of the same request against the bare
// server: 135 a second, where the bare server does 25,000 or so. Measured once,
// since it cannot be had where CI runs.
const motoShare = 135.0 / 25000

// durableWrite is G8: CreateRestApi, on disk when it is answered.
func (b *bench) durableWrite() ([]result, error) {
	ours, err := b.startPostern(filepath.Join(b.dir, "write"))
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	theirs, err := startBaseline("bare")
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	c, err := b.compare(
		side{load{ours.addr, createRestAPI(ours.addr), 4, 201}, ours},
		side{load{theirs.addr, createRestAPI(theirs.addr), 4, 200}, theirs})
	if err != nil {
		return nil, err
	}
	return []result{{id: "G8", what: "CreateRestApi on disk / moto", value: c.perSecond / motoShare, unit: "x", gate: 10,
		note: fmt.Sprintf("target 30; %.2f of a bare net/http POST (target 0.5); moto's share of the bare server was measured once", c.perSecond)}}, nil
}

// single sends the request once.
func (l load) single() (body []byte, err error) {
	c, err := net.DialTimeout("tcp", l.addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(60 * time.Second))
	if _, err := c.Write(l.request); err != nil {
		return nil, err
	}
	status, body, err := readResponse(newReader(c))
	if err == nil && status != l.status {
		err = fmt.Errorf("status %d, want %d: %s", status, l.status, body)
	}
	return body, err
}

// fill creates n APIs over several connections.
func fill(c *child, n int) error {
	l := load{addr: c.addr, request: createRestAPI(c.addr), clients: 4, status: 201}
	return l.repeat(n)
}

// startUp is G9: from exec to the first answer, with nothing stored and with
// 10,000 objects.
func (b *bench) startUp() ([]result, error) {
	dir := filepath.Join(b.dir, "start")
	empty, err := b.startTimes(dir)
	if err != nil {
		return nil, err
	}
	c, err := b.startPostern(dir)
	if err != nil {
		return nil, err
	}
	err = fill(c, 10_000)
	c.stop()
	if err != nil {
		return nil, err
	}
	full, err := b.startTimes(dir)
	if err != nil {
		return nil, err
	}
	return []result{
		{id: "G9", what: "start to first answer, empty", value: empty, unit: "ms", gate: 100, atMost: true, note: "target 30"},
		{id: "G9", what: "start to first answer, 10,000 objects", value: full, unit: "ms", gate: 500, atMost: true, note: "target 150"},
	}, nil
}

// startTimes is the median of starting, asking for the APIs, stopping.
func (b *bench) startTimes(dir string) (ms float64, err error) {
	var all []float64
	for range 7 {
		begin := time.Now()
		c, err := b.startPostern(dir)
		if err != nil {
			return 0, err
		}
		l := load{addr: c.addr, request: request("GET", c.addr, "/restapis?limit=1", ""), status: 200}
		body, err := l.single()
		took := time.Since(begin)
		c.stop()
		if err != nil || !bytes.Contains(body, []byte("item")) {
			return 0, fmt.Errorf("get-rest-apis: %s: %w", body, err)
		}
		all = append(all, float64(took)/float64(time.Millisecond))
	}
	return median(all), nil
}

// memory is G10: resident memory idle and after 100,000 requests.
func (b *bench) memory() ([]result, error) {
	ours, apiID, err := b.serving(route{path: "mock", integration: types.IntegrationTypeMock})
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	fresh, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	idle := fresh.rss()
	fresh.stop()
	l := load{ours.addr, request("POST", ours.addr, invokePath(apiID, "mock"), "{}"), 16, 200}
	if err := l.repeat(100_000); err != nil {
		return nil, err
	}
	return []result{
		{id: "G10", what: "RSS idle", value: idle, unit: "MB", gate: 40, atMost: true, note: "target 20"},
		{id: "G10", what: "RSS after 100,000 requests", value: ours.rss(), unit: "MB", gate: 100, atMost: true, note: "target 45"},
	}, nil
}

// growth is G13: an invoke with one API of one route, against one of an API with
// 300 routes among 12,000 APIs.
func (b *bench) growth() ([]result, error) {
	small, smallID, err := b.serving(route{path: "r299", integration: types.IntegrationTypeMock})
	if err != nil {
		return nil, err
	}
	defer small.stop()
	large, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer large.stop()
	if err := fill(large, 12_000); err != nil {
		return nil, err
	}
	routes := make([]route, 300)
	for i := range routes {
		routes[i] = route{path: fmt.Sprintf("r%d", i), integration: types.IntegrationTypeMock}
	}
	gw, _ := clientsOf(large)
	largeID, err := deploy(context.Background(), gw, routes...)
	if err != nil {
		return nil, err
	}
	c, err := b.compare(
		side{load{large.addr, request("POST", large.addr, invokePath(largeID, "r299"), "{}"), 1, 200}, large},
		side{load{small.addr, request("POST", small.addr, invokePath(smallID, "r299"), "{}"), 1, 200}, small})
	if err != nil {
		return nil, err
	}
	return []result{{id: "G13", what: "p50 with 12,000 APIs and 300 routes / with one", value: c.p50, unit: "x", gate: 1.2, atMost: true, note: "target 1.05"}}, nil
}
