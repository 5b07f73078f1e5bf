package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"postern/emulator"
	"postern/lambdarunner/debugger"
)

// runOptions are the flags of run.
type runOptions struct {
	listen, handler, runtime, mode string
	debug                          string
	ignore                         []string
	env                            map[string]string
	timeout                        time.Duration
	memory                         int32
	stream                         bool
}

func newRun() *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run DIR",
		Short: "Serve a directory with a handler as a function with a URL, as it is saved",
		Long: `Serve a directory with a handler as a function with a URL: no zip, no account, no server besides.
What you save counts from the next request on. What the function prints comes to stderr.`,
		Example: `  postern run ./src
  postern run ./src --handler app.main --env TABLE=pets`,
		Args: exactArgs("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", fmt.Sprintf("127.0.0.1:%d", emulator.DefaultPort), "address to listen on")
	f.StringVar(&o.handler, "handler", "", "file.function (default found in the directory)")
	f.StringVar(&o.runtime, "runtime", "", "python3.13, nodejs22.x, provided.al2023 … (default found by the files)")
	f.StringVar(&o.mode, "lambda", "auto", "how the function runs: auto, docker or process")
	f.StringToStringVar(&o.env, "env", nil, "variables of the function: NAME=VALUE")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "limit on a call")
	f.Int32Var(&o.memory, "memory", 512, "memory in MB")
	f.StringVar(&o.debug, "debug", "", "port at which a debugger steps through it, and whether it waits for one: PORT or PORT,wait (docs/debugging.md)")
	f.StringSliceVar(&o.ignore, "watch-ignore", nil, "names or paths in it that are not code: *.log,build/*")
	f.BoolVar(&o.stream, "stream", false, "stream the response (InvokeMode RESPONSE_STREAM)")
	return cmd
}

// run serves the function until ctx ends. Nothing is kept.
func (o *runOptions) run(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	found, err := o.find(dir)
	if err != nil {
		return err
	}
	var debugged []debugger.Target
	if o.debug != "" {
		t, err := debugger.Parse(runName + "=" + o.debug)
		if err != nil {
			return &usageError{fmt.Errorf("--debug %q is neither PORT nor PORT,wait", o.debug)}
		}
		debugged = append(debugged, t)
	}
	log, err := newLogger(stderr, "warn", "text")
	if err != nil {
		return err
	}
	listeners, err := listenAll([]string{o.listen})
	if err != nil {
		return err
	}
	e, err := emulator.Open(ctx, emulator.Config{
		Version: version, Port: listeners[0].Addr().(*net.TCPAddr).Port, RelaxedPermissions: true, Logger: log, Lambda: emulator.LambdaConfig{Mode: o.mode, Debug: debugged, WatchIgnore: o.ignore},
	})
	if err != nil {
		closeAll(listeners)
		return err
	}
	var g errgroup.Group
	g.Go(func() error { return e.Serve(listeners[0]) })
	g.Go(func() error {
		<-ctx.Done()
		return e.Close()
	})
	c := client{endpoint: endpointURL(listeners[0].Addr()), region: "us-east-1"}
	if err := o.make(ctx, c, found); err != nil {
		return errors.Join(err, e.Close())
	}
	fmt.Fprintf(stdout, "%s %s of %s, live\n%s/_aws/lambda-url/%s/\nReady.\n", found.runtime, found.handler, found.dir, c.endpoint, runName)
	g.Go(func() error { return follow(ctx, c, stderr) })
	return g.Wait()
}

// runName is what the function of run is called, and the id of its URL.
const runName = "run"

// A handler is what a directory holds.
type handler struct{ dir, handler, runtime string }

// candidates are where handlers are, by the custom of tools: the first that is there counts.
var candidates = []struct {
	file, runtime string
	function      *regexp.Regexp // its first group is the name; nil: the file is the runtime
}{
	{"bootstrap", "provided.al2023", nil},
	{"index.mjs", "nodejs22.x", regexp.MustCompile(`(?m)^export\s+(?:const|async\s+function|function)\s+(\w*[hH]andler\w*)`)},
	{"index.js", "nodejs22.x", regexp.MustCompile(`(?m)^(?:module\.)?exports\.(\w*[hH]andler\w*)\s*=`)},
	{"app.mjs", "nodejs22.x", regexp.MustCompile(`(?m)^export\s+(?:const|async\s+function|function)\s+(\w*[hH]andler\w*)`)},
	{"app.js", "nodejs22.x", regexp.MustCompile(`(?m)^(?:module\.)?exports\.(\w*[hH]andler\w*)\s*=`)},
	{"lambda_function.py", "python3.13", pythonHandler},
	{"handler.py", "python3.13", pythonHandler},
	{"index.py", "python3.13", pythonHandler},
	{"app.py", "python3.13", pythonHandler},
	{"main.py", "python3.13", pythonHandler},
}

var pythonHandler = regexp.MustCompile(`(?m)^(?:async )?def (\w*(?:handler|handle)\w*)\(`)

// find finds the handler of a directory, as far as the flags do not say what it is.
func (o *runOptions) find(dir string) (h handler, err error) {
	if h.dir, err = filepath.Abs(dir); err != nil {
		return h, err
	}
	if info, err := os.Stat(h.dir); err != nil || !info.IsDir() {
		return h, fmt.Errorf("%s is no directory", dir)
	}
	h.handler, h.runtime = o.handler, o.runtime
	if h.handler != "" && h.runtime != "" {
		return h, nil
	}
	for _, c := range candidates {
		if o.runtime != "" && family(o.runtime) != family(c.runtime) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(h.dir, c.file))
		if err != nil {
			continue
		}
		name := c.file
		if c.function != nil {
			m := c.function.FindSubmatch(text)
			if m == nil && o.handler == "" {
				continue
			}
			if m != nil {
				name = strings.TrimSuffix(c.file, filepath.Ext(c.file)) + "." + string(m[1])
			}
		}
		if h.handler == "" {
			h.handler = name
		}
		if h.runtime == "" {
			h.runtime = c.runtime
		}
		return h, nil
	}
	return h, withHint(fmt.Errorf("no handler is found in %s", dir), "%s", o.noHandlerHint(h.dir))
}

// noHandlerHint says what to do about a directory without a handler: a program that is not
// built yet is to be built, anything else to be named.
func (o *runOptions) noHandlerHint(dir string) string {
	if sources, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(sources) > 0 && (o.runtime == "" || family(o.runtime) == "provided.al") {
		return "build it: CGO_ENABLED=0 GOOS=linux go build -o bootstrap ."
	}
	return "name it: --runtime nodejs22.x --handler file.function"
}

// family is a runtime without its version.
func family(runtime string) string { return strings.TrimRight(runtime, "0123456789.x") }

// make makes the function with its URL.
func (o *runOptions) make(ctx context.Context, c client, h handler) error {
	api := lambda.NewFromConfig(c.aws())
	_, err := api.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String(runName), Runtime: types.Runtime(h.runtime), Handler: &h.handler, Role: aws.String("arn:aws:iam::000000000000:role/run"),
		Code:    &types.FunctionCode{S3Bucket: aws.String("hot-reload"), S3Key: &h.dir},
		Timeout: aws.Int32(int32(max(1, o.timeout/time.Second))), MemorySize: &o.memory, Environment: &types.Environment{Variables: o.env},
		Tags: map[string]string{"_custom_id_": runName},
	})
	if err != nil {
		return c.explain(err)
	}
	mode := types.InvokeModeBuffered
	if o.stream {
		mode = types.InvokeModeResponseStream
	}
	_, err = api.CreateFunctionUrlConfig(ctx, &lambda.CreateFunctionUrlConfigInput{FunctionName: aws.String(runName), AuthType: types.FunctionUrlAuthTypeNone, InvokeMode: mode})
	return err
}

// follow prints what the function logs until ctx ends.
func follow(ctx context.Context, c client, out io.Writer) error {
	tail := &logTail{
		api: cloudwatchlogs.NewFromConfig(c.aws()), out: out, since: time.Minute,
		next: map[string]int64{}, seen: map[string]map[string]bool{},
	}
	for wait(ctx, pollInterval) == nil {
		if err := tail.once(ctx, runName, true); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}
