package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"postern/lambdarunner"
	"postern/lambdarunner/process"
)

// plainClients are the other side of G6.
//
//go:embed client
var plainClients embed.FS

// An invoker makes load on one function without a server before it, one event after the other.
type invoker struct {
	pool *lambdarunner.Pool
	fn   *lambdarunner.Function
}

func (i invoker) run(d time.Duration) (sample, error) {
	var took []time.Duration
	begun := time.Now()
	for time.Since(begun) < d {
		start := time.Now()
		r, err := i.pool.Invoke(context.Background(), i.fn, &lambdarunner.Invocation{RequestID: uuid.NewString(), InvokedARN: i.fn.ARN, Payload: []byte(body)})
		if err != nil {
			return sample{}, err
		}
		if r.FunctionError != "" {
			return sample{}, fmt.Errorf("%s: %s", i.fn.Name, r.Payload)
		}
		took = append(took, time.Since(start))
	}
	rate := float64(len(took)) / time.Since(begun).Seconds()
	slices.Sort(took)
	return sample{perSecond: rate, count: len(took), p50: took[len(took)/2]}, nil
}

// runtimeClients is G6: the same runner and the same handler, with Postern's runtime client in the function
// and with one on the language's own HTTP library.
func (b *bench) runtimeClients() (results []result, err error) {
	launcher, err := process.New(process.Options{})
	if err != nil {
		return nil, err
	}
	pool := lambdarunner.NewPool(launcher, lambdarunner.PoolOptions{})
	defer func() { err = errors.Join(err, pool.Close()) }()
	for _, i := range interpreters {
		ours, plain, err := b.clientFunctions(i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.program, err)
		}
		c, err := b.compare(side{loader: invoker{pool, ours}}, side{loader: invoker{pool, plain}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.program, err)
		}
		results = append(results, result{id: "G6", what: "our runtime client / one on the HTTP library of " + i.program + ", events/s",
			value: c.perSecond, unit: "x", gate: 1.5, note: fmt.Sprintf("p50 %.2fx", c.p50)})
	}
	return results, nil
}

// clientFunctions are one handler behind our client and behind the plain one.
func (b *bench) clientFunctions(i interpreter) (ours, plain *lambdarunner.Function, err error) {
	dir := filepath.Join(b.dir, "client-"+i.program)
	client, err := plainClients.ReadFile("client/plain" + filepath.Ext(i.file))
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	for name, text := range map[string][]byte{i.file: []byte(i.code), "bootstrap.plain" + filepath.Ext(i.file): client} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o755); err != nil {
			return nil, nil, err
		}
	}
	path, err := i.find()
	if err != nil {
		return nil, nil, err
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %s ./bootstrap.plain%s\n", path, filepath.Ext(i.file))
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte(script), 0o755); err != nil {
		return nil, nil, err
	}
	ours = clientFunction(i.program, string(i.runtime), dir)
	return ours, clientFunction(i.program+"-plain", "provided.al2023", dir), nil
}

func clientFunction(name, runtime, dir string) *lambdarunner.Function {
	return &lambdarunner.Function{
		ARN: "arn:aws:lambda:us-east-1:000000000000:function:" + name + ":$LATEST", Name: name, Version: "$LATEST", Revision: "1",
		AccountID: "000000000000", Region: "us-east-1", Runtime: runtime, Handler: "index.handler", MemoryMB: 128, Timeout: 30 * time.Second,
		LogGroup: "/aws/lambda/" + name, Code: lambdarunner.Code{Dir: dir},
	}
}
