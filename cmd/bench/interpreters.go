package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// An interpreter is one of which Postern keeps a booted one in reserve.
type interpreter struct {
	program string
	runtime types.Runtime
	flags   []string // that Postern starts it with
	file    string   // of the handler
	code    string
	cold    float64 // ms, the gate of a cold start from the reserve
}

var interpreters = []interpreter{
	{
		program: "node", runtime: types.RuntimeNodejs22x, file: "index.mjs", cold: 40,
		code: "export const handler = async () => ({ statusCode: 200, body: 'hello' });",
	},
	{
		program: "python3", runtime: types.RuntimePython312, flags: []string{"-I", "-S", "-u"}, file: "index.py", cold: 25,
		code: "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n",
	},
}

// find asks the program for its own path: what version managers put before it takes its time.
func (i interpreter) find() (path string, err error) {
	args := append(i.flags, "-c", "import sys; print(sys.executable)")
	if i.program == "node" {
		args = []string{"-p", "process.execPath"}
	}
	out, err := exec.Command(i.program, args...).Output()
	return strings.TrimSpace(string(out)), err
}

// bootTime is how long the bench leaves a spare to boot: nothing tells when it has.
const bootTime = 800 * time.Millisecond

// coldInterpreters is G7 for functions that take an interpreter from the reserve.
func (b *bench) coldInterpreters() (results []result, err error) {
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	for _, i := range interpreters {
		r, err := b.coldInterpreter(ours, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.program, err)
		}
		results = append(results, r)
	}
	return results, nil
}

func (b *bench) coldInterpreter(ours *child, i interpreter) (result, error) {
	_, fn := clientsOf(ours)
	path, err := i.find()
	if err != nil {
		return result{}, err
	}
	var cold, floor []float64
	for n := range 8 {
		name := fmt.Sprintf("cold-%s-%d", i.program, n)
		if _, err := createPackage(context.Background(), fn, name, i.runtime, "index.handler", i.file, []byte(i.code)); err != nil {
			return result{}, err
		}
		took, err := once(ours.addr, "/2015-03-31/functions/"+name+"/invocations")
		if err != nil {
			return result{}, err
		}
		if n > 0 { // the first has no spare
			cold = append(cold, ms(took))
		}
		time.Sleep(bootTime)
		start := time.Now()
		if err := exec.Command(path, append(i.flags, os.DevNull)...).Run(); err != nil {
			return result{}, err
		}
		floor = append(floor, ms(time.Since(start)))
	}
	return result{id: "G7", what: fmt.Sprintf("cold start of %s from the reserve", i.program), value: median(cold), unit: "ms", gate: i.cold, atMost: true,
		note: fmt.Sprintf("an empty program takes %.0f ms", median(floor))}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ownCLI is G12: one call of the program's own client.
func (b *bench) ownCLI() ([]result, error) {
	ours, err := b.startPostern("")
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	var took []float64
	for range 15 {
		cmd := exec.Command(b.postern, "functions", "--json")
		cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL=http://"+ours.addr)
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("postern functions: %w\n%s", err, out)
		}
		took = append(took, ms(time.Since(start)))
	}
	return []result{{id: "G12", what: "postern functions", value: median(took), unit: "ms", gate: 100, atMost: true, note: "target 25"}}, nil
}
