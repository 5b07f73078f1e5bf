package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// offlinePackages are the other side of G5: the last of serverless that asks for no account, and its offline server.
var offlinePackages = []string{"serverless@3.40.0", "serverless-offline@13.10.1"}

const offlineHandler = `export const handler = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '` + body + `' });
`

// offlineService is the handler as that server reads it.
const offlineService = `service: bench
frameworkVersion: "3"
plugins: [serverless-offline]
provider: { name: aws, runtime: nodejs20.x }
functions:
  hello:
    handler: index.handler
    events: [{ httpApi: "GET /hello" }]
`

var errNoNPM = errors.New("npm is not here, or cannot fetch it")

// offline is G5: an HTTP API with one handler in node, in Postern with four sandboxes and in serverless-offline.
func (b *bench) offline() ([]result, error) {
	theirs, err := startOffline()
	if errors.Is(err, errNoNPM) {
		fmt.Fprintln(os.Stderr, "bench: G5 is left out:", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	ours, err := b.startPostern("", "--max-sandboxes", "4", "--relaxed-permissions")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	_, fn := clientsOf(ours)
	arn, err := createPackage(context.Background(), fn, "offline", types.RuntimeNodejs20x, "index.handler", "index.mjs", []byte(offlineHandler))
	if err != nil {
		return nil, err
	}
	path, err := deployHTTP(ours, arn)
	if err != nil {
		return nil, err
	}
	var results []result
	for _, at := range []struct {
		clients int
		gate    float64
		target  string
	}{{1, 2, "4"}, {16, 3, "6"}} {
		c, err := b.compare(
			side{load{ours.addr, request("GET", ours.addr, path, ""), at.clients, 200}, ours},
			side{load{theirs.addr, request("GET", theirs.addr, "/hello", ""), at.clients, 200}, theirs})
		if err != nil {
			return nil, err
		}
		results = append(results, result{id: "G5", what: fmt.Sprintf("node handler / serverless-offline 13, req/s, c=%d", at.clients), value: c.perSecond, unit: "x", gate: at.gate,
			note: fmt.Sprintf("target %s; p50 %.2fx", at.target, c.p50)})
	}
	return results, nil
}

// startOffline installs the packages once for a machine, and starts the server.
func startOffline() (*child, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, errNoNPM
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "postern-bench", strings.Join(offlinePackages, "+"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	files := map[string]string{"package.json": "{}", "serverless.yml": offlineService, "index.mjs": offlineHandler}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	program := filepath.Join(dir, "node_modules", "serverless", "bin", "serverless.js")
	if _, err := os.Stat(program); err != nil {
		fmt.Fprintln(os.Stderr, "bench: installing", offlinePackages)
		install := exec.Command(npm, append([]string{"install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", "--loglevel=error"}, offlinePackages...)...)
		if out, err := install.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %w: %s", errNoNPM, err, out)
		}
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	lambdaAddr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr)
	_, lambdaPort, _ := net.SplitHostPort(lambdaAddr)
	quiet := `exec node "$0" "$@" >offline.log 2>&1` // it prints three lines a request
	return startIn(dir, addr, "/bin/sh", "-c", quiet, program, "offline", "start", "--host", "127.0.0.1", "--httpPort", port, "--lambdaPort", lambdaPort)
}
