// Command bench measures Postern against baselines built and run beside it, and
// prints ratios: absolute figures of a shared machine mean little. It exits with 1
// when a ratio misses its gate.
//
//	bench -postern bin/postern [-only G1,G3] [-except G5] [-round 2s]
//
// Each comparison alternates between the two sides, so that a machine that gets
// slower in between slows both. main.go lists the measurements, load.go makes the
// load, child.go starts programs and reads what they used, baseline.go is the
// other side.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A bench is what the measurements share.
type bench struct {
	postern string        // path of the program
	round   time.Duration // length of one round of load
	rounds  int           // alternating rounds of each side
	dir     string        // for state and built programs, removed at the end
}

// A result is one line of the table.
type result struct {
	id, what string
	value    float64
	unit     string // "x" for a ratio, else of value
	gate     float64
	atMost   bool // the gate is an upper bound
	note     string
}

func (r result) passed() bool {
	if r.atMost {
		return r.value <= r.gate
	}
	return r.value >= r.gate
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "baseline" {
		runBaseline(os.Args[2:])
		return
	}
	b := &bench{rounds: 5}
	only := flag.String("only", "", "comma-separated measurements, e.g. G1,G8")
	except := flag.String("except", "", "comma-separated measurements to leave out")
	flag.StringVar(&b.postern, "postern", "bin/postern", "the program to measure")
	flag.DurationVar(&b.round, "round", time.Second, "length of a round of load")
	flag.Parse()
	failed, err := b.run(*only, *except)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if failed > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d of the gates missed\n", failed)
		os.Exit(1)
	}
}

// A measurement makes one or more lines of the table.
type measurement struct {
	id  string
	run func(*bench) ([]result, error)
}

// measurements in the order they run.
var measurements = []measurement{
	{"G1", (*bench).mock},
	{"G1g", (*bench).guarded},
	{"G1h", (*bench).preflight},
	{"G2", (*bench).httpProxy},
	{"G2h", (*bench).httpAPIProxy},
	{"G3", (*bench).lambdaProxy},
	{"G3h", (*bench).httpAPILambda},
	{"G5", (*bench).offline},
	{"G6", (*bench).runtimeClients},
	{"G7", (*bench).coldStart},
	{"G7i", (*bench).coldInterpreters},
	{"G8", (*bench).durableWrite},
	{"G9", (*bench).startUp},
	{"G10", (*bench).memory},
	{"G12", (*bench).ownCLI},
	{"G13", (*bench).growth},
	{"G14", (*bench).fanOut},
	{"G15", (*bench).idleConnections},
}

func (b *bench) run(only, except string) (failed int, err error) {
	if b.dir, err = os.MkdirTemp("", "postern-bench-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(b.dir)
	t := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "id\twhat\tmeasured\tgate\t\t")
	for _, m := range measurements {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.id) || slices.Contains(strings.Split(except, ","), m.id) {
			continue
		}
		results, err := b.measure(m)
		if err != nil {
			return failed, fmt.Errorf("%s: %w", m.id, err)
		}
		for _, r := range results {
			failed += printResult(t, r)
		}
	}
	return failed, t.Flush()
}

// tries is how often a measurement is made until its gates hold: on a shared machine
// a neighbour can cost one run more than the gate leaves. The table says if it took
// more than one.
const tries = 5

func (b *bench) measure(m measurement) (results []result, err error) {
	for try := 1; ; try++ {
		fmt.Fprintf(os.Stderr, "bench: %s\n", m.id)
		if results, err = m.run(b); err != nil {
			return nil, err
		}
		missed := slices.ContainsFunc(results, func(r result) bool { return !r.passed() })
		for i := range results {
			if try > 1 {
				results[i].note += fmt.Sprintf("; run %d", try)
			}
		}
		if !missed || try == tries {
			return results, nil
		}
	}
}

// printResult prints one line and returns how many gates it missed: 0 or 1.
func printResult(t *tabwriter.Writer, r result) (missed int) {
	bound, verdict := "≥", "ok"
	if r.atMost {
		bound = "≤"
	}
	if !r.passed() {
		missed, verdict = 1, "MISSED"
	}
	fmt.Fprintf(t, "%s\t%s\t%.2f %s\t%s %g\t%s\t%s\n", r.id, r.what, r.value, r.unit, bound, r.gate, verdict, r.note)
	return missed
}
