package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"postern/emulator"
	"postern/lambdarunner/debugger"
)

// gcPercent trades some 20 MB for a good part of the collector's time: what lives is
// small, what a request leaves behind is not.
const gcPercent = 300

// serveOptions are the flags of serve.
type serveOptions struct {
	listen     []string
	data       string
	ephemeral  bool
	logLevel   string
	logFormat  string
	retryDelay time.Duration
	debug      []string
	config     emulator.Config
}

func newServe() *cobra.Command {
	o := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start the server (the default verb)",
		Long: `Start the server. Every flag can also be set in the environment: --max-sandboxes as
POSTERN_MAX_SANDBOXES. Variables of LocalStack that mean something here are honoured; those
that do not are named at start-up.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ignored, err := applyEnvironment(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			return o.serve(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), ignored)
		},
	}
	f, c := cmd.Flags(), &o.config
	f.StringSliceVar(&o.listen, "listen", []string{fmt.Sprintf("127.0.0.1:%d", emulator.DefaultPort)}, "addresses to listen on")
	f.StringVar(&o.data, "data", "", "directory that keeps the state (default in your data directory)")
	f.BoolVar(&o.ephemeral, "ephemeral", false, "keep no state on disk")
	f.StringVar(&c.DefaultRegion, "region", "us-east-1", "region of requests that name none")
	f.StringVar(&c.Lambda.Mode, "lambda", "auto", "how functions run: auto, docker or process")
	f.IntVar(&c.Lambda.MaxSandboxes, "max-sandboxes", 0, "cap on running sandboxes of all functions (default 100)")
	f.DurationVar(&c.Lambda.IdleTTL, "idle-ttl", 10*time.Minute, "end a sandbox that was idle for this long")
	f.BoolVar(&c.Lambda.NoReserve, "no-reserve", false, "keep nothing ready for the next cold start: no booted interpreter, no container more than a function needs")
	f.StringArrayVar(&o.debug, "debug", nil, "port at which a debugger steps through a function, and whether it waits for one: FUNCTION=PORT or FUNCTION=PORT,wait (docs/debugging.md)")
	f.DurationVar(&c.Lambda.InitTimeout, "init-timeout", 10*time.Second, "limit on a function's init phase")
	f.StringToStringVar(&c.Lambda.Images, "runtime-image", nil, "image for a runtime instead of AWS's: python3.12=my/python")
	f.StringVar(&c.Lambda.Network, "docker-network", "", "network that function containers join (default one of Postern's own)")
	f.StringSliceVar(&c.Lambda.DNS, "docker-dns", nil, "name servers for function containers (default the engine's)")
	f.StringVar(&c.Lambda.DockerBind, "docker-bind", "", "address at which containers reach Postern (default found out)")
	f.StringVar(&c.Lambda.DockerAdvertise, "docker-advertise", "", "what containers call that address (default the same)")
	f.StringVar(&c.Lambda.HotReloadBucket, "hot-reload-bucket", "hot-reload", "S3Bucket that means the key is a directory with live code")
	f.StringSliceVar(&c.Lambda.WatchIgnore, "watch-ignore", nil, "names or paths in directories of live code that are not code: *.log,build/*")
	f.BoolVar(&c.Lambda.SynchronousCreate, "synchronous-create", false, "CreateFunction returns when the function is Active")
	f.BoolVar(&c.Lambda.NoEndpointURL, "no-endpoint-url", false, "do not set AWS_ENDPOINT_URL inside functions")
	f.DurationVar(&o.retryDelay, "async-retry-delay", 0, "wait between attempts of an asynchronous invocation (default AWS's 1 and 2 minutes)")
	f.BoolVar(&c.VerifySignatures, "verify-signatures", false, "refuse management requests that no known key signed")
	f.StringToStringVar(&c.AccessKeys, "access-key", nil, "a key that --verify-signatures knows: ID=SECRET")
	f.StringToStringVar(&c.Issuers, "issuer", nil, "where a token issuer, or all whose URL begins so, are reached: URL=URL, or URL=local for Postern's own")
	f.BoolVar(&c.RelaxedPermissions, "relaxed-permissions", false, "let API Gateway call functions without lambda add-permission")
	f.StringToStringVar(&c.ServiceEndpoints, "service-endpoint", nil, "where an AWS service answers that integrations call: sqs=http://localhost:9324")
	f.Float64Var(&c.AccountRate, "account-rate", 0, "requests a second that the APIs of an account may get in a region (default AWS's 10000)")
	f.IntVar(&c.AccountBurst, "account-burst", 0, "requests that they may get at once (default AWS's 5000)")
	f.StringToIntVar(&c.Quotas, "quota", nil, "how many resources, routes, integrations, stages or authorizers one API, and api-keys, usage-plans, client-certificates, domains, private-domains, vpc-links, http-vpc-links, edge-apis, regional-apis or private-apis an account may have, 0 without bound: resources=500")
	f.StringToStringVar(&c.Truststores, "truststore", nil, "file that the S3 URL of a truststore stands for, instead of an object: s3://bucket/key=/path/to/ca.pem")
	f.StringToStringVar(&c.VPCEndpoints, "vpc-endpoint", nil, "a VPC endpoint and its VPC, for the policies of private APIs: vpce-0abc=vpc-0def")
	f.StringVar(&c.ClientVPCEndpoint, "client-vpc-endpoint", "", "VPC endpoint that requests to private APIs come through whose URL names none")
	f.StringToStringVar(&c.VPCLinks, "vpc-link", nil, "where a VPC link leads, by its id, name, load balancer's or listener's ARN, or Cloud Map service's ARN: mylink=http://127.0.0.1:8080")
	f.StringSliceVar(&c.AllowedOrigins, "allow-origin", nil, "web origins, besides local ones, that may use the management APIs")
	f.StringVar(&c.CertFile, "cert", "", "certificate file to serve instead of the local CA's")
	f.StringVar(&c.KeyFile, "key", "", "key file of --cert")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	return cmd
}

// serve runs until ctx ends, then stops cleanly.
func (o *serveOptions) serve(ctx context.Context, stdout, stderr io.Writer, ignored []string) (err error) {
	if o.config.Logger, err = newLogger(stderr, o.logLevel, o.logFormat); err != nil {
		return err
	}
	if err := o.place(); err != nil {
		return err
	}
	o.config.TakeEndpoints(os.Environ())
	for _, name := range ignored {
		o.config.Logger.Warn("environment variable has no meaning here", "name", name)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	listeners, err := listenAll(o.listen)
	if err != nil {
		return err
	}
	o.config.Port = listeners[0].Addr().(*net.TCPAddr).Port
	e, err := emulator.Open(ctx, o.config)
	if err != nil {
		closeAll(listeners)
		if ctx.Err() != nil {
			return nil // stopped while it started
		}
		if hint := emulator.Hint(err); hint != "" {
			return withHint(err, "%s", hint)
		}
		return err
	}
	var g errgroup.Group
	for _, l := range listeners {
		g.Go(func() error { return e.Serve(l) })
	}
	banner(stdout, e.Health(), listeners)
	go func() { <-ctx.Done(); e.Close() }()
	err = g.Wait()
	return errors.Join(err, e.Close())
}

// place decides where state lives and turns the remaining flags into the Config.
func (o *serveOptions) place() (err error) {
	o.config.Version = version
	if o.retryDelay > 0 {
		o.config.Lambda.AsyncRetryDelays = []time.Duration{o.retryDelay, o.retryDelay}
	}
	for _, spec := range o.debug {
		t, err := debugger.Parse(spec)
		if err != nil {
			return &usageError{fmt.Errorf("--debug: %w", err)}
		}
		o.config.Lambda.Debug = append(o.config.Lambda.Debug, t)
	}
	switch {
	case o.ephemeral && o.data != "":
		return &usageError{errors.New("--ephemeral keeps no state, --data says where to keep it: choose one")}
	case o.ephemeral:
	case o.data != "":
		o.config.DataDir = o.data
	default:
		o.config.DataDir, err = emulator.DefaultDataDir()
	}
	return err
}

func newLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, &usageError{fmt.Errorf("--log-level %q is none of debug, info, warn, error", level)}
	}
	o := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return nil, &usageError{fmt.Errorf("--log-format %q is neither text nor json", format)}
}

func listenAll(addrs []string) ([]net.Listener, error) {
	var all []net.Listener
	for _, addr := range addrs {
		l, err := net.Listen("tcp", addr)
		if err == nil {
			all = append(all, l)
			continue
		}
		closeAll(all)
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, withHint(fmt.Errorf("%s is taken by another program", addr),
				"stop it, or choose another address with --listen (postern doctor tells if it is Postern)")
		}
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return all, nil
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		l.Close()
	}
}

// banner says what runs where, and a line to copy. "Ready." is what
// Testcontainers and scripts made for LocalStack wait for.
func banner(w io.Writer, h emulator.Health, ls []net.Listener) {
	state := h.DataDir
	if state == "" {
		state = "in memory only"
	}
	var endpoints []string
	for _, l := range ls {
		endpoints = append(endpoints, endpointURL(l.Addr()))
	}
	fmt.Fprintf(w, `Postern %s
  endpoint   %s (https too)
  functions  %s
  state      %s
  try        aws --endpoint-url %s apigateway get-rest-apis
Ready.
`, h.Version, strings.Join(endpoints, ", "), h.Runner, state, endpoints[0])
}

// endpointURL is how a client on this machine reaches a listener.
func endpointURL(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	if tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() {
		return fmt.Sprintf("http://localhost:%d", tcp.Port)
	}
	return "http://" + tcp.String()
}
