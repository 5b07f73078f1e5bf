package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"postern/emulator/store"
	"postern/emulator/wire"
	"postern/lambdarunner"
	"postern/lambdarunner/code"
)

const (
	account = "111111111111"
	region  = "us-east-1"
	prefix  = "arn:aws:lambda:us-east-1:111111111111:function:"
	role    = "arn:aws:iam::111111111111:role/lambda-role"
)

// asCaller is a request of the account that the tests work in.
var asCaller = wire.WithCaller(context.Background(), wire.Caller{
	AccountID: account, Region: region, Endpoint: "http://localhost:4566",
})

// A goHandler is a function's code: what it answers and whether that is an error.
type goHandler func(fn *lambdarunner.Function, inv *lambdarunner.Invocation) (payload string, failed bool)

// goLauncher runs functions as Go closures in this process, by handler name.
type goLauncher struct {
	mu       sync.Mutex
	handlers map[string]goHandler
	launches atomic.Int64
}

func (l *goLauncher) Name() string { return "go" }
func (l *goLauncher) Close() error { return nil }

func (l *goLauncher) handle(name string, h goHandler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handlers[name] = h
}

func (l *goLauncher) Launch(_ context.Context, fn *lambdarunner.Function, _ *lambdarunner.Output) (lambdarunner.Sandbox, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.launches.Add(1)
	h, ok := l.handlers[fn.Handler]
	if !ok {
		return nil, errors.New("no runtime for handler " + fn.Handler)
	}
	return &goSandbox{fn: fn, handler: h, done: make(chan struct{})}, nil
}

type goSandbox struct {
	fn      *lambdarunner.Function
	handler goHandler
	once    sync.Once
	done    chan struct{}
}

// Init fails for the handler "index.noinit".
func (b *goSandbox) Init(context.Context) error {
	if b.fn.Handler == "index.noinit" {
		return errors.New("init phase: no")
	}
	return nil
}

func (b *goSandbox) Done() <-chan struct{} { return b.done }

func (b *goSandbox) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

func (b *goSandbox) Invoke(ctx context.Context, inv *lambdarunner.Invocation) (*lambdarunner.Result, error) {
	payload, failed := b.handler(b.fn, inv)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	res := &lambdarunner.Result{Payload: []byte(payload), LogTail: []byte("START RequestId: " + inv.RequestID + "\n")}
	if failed {
		res.FunctionError = "Unhandled"
	}
	return res, nil
}

// echo answers its event; version its version.
func echo(_ *lambdarunner.Function, inv *lambdarunner.Invocation) (string, bool) {
	return string(inv.Payload), false
}

func tellVersion(fn *lambdarunner.Function, _ *lambdarunner.Invocation) (string, bool) {
	return fmt.Sprintf("%q", fn.Version), false
}

// A bench is a Service with all that it needs, in a directory of its own.
type bench struct {
	*Service
	launcher *goLauncher
	dir      string
	options  Options
	fixed    bool // the store's times and ids are the same in every run
}

func newBench(t testing.TB, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir(), launcher: &goLauncher{handlers: map[string]goHandler{"index.handler": echo, "index.version": tellVersion}}}
	for _, f := range change {
		f(&b.options)
	}
	b.start(t)
	return b
}

// start opens everything, as after a restart when it was stopped before.
func (b *bench) start(t testing.TB) {
	t.Helper()
	in := store.Options{Path: filepath.Join(b.dir, "postern.db")}
	if b.fixed {
		in.Now, in.Rand = func() time.Time { return time.Date(2026, 11, 27, 4, 5, 6, 789e6, time.UTC) }, rand.NewChaCha8([32]byte{1})
	}
	st, err := store.Open(t.Context(), in)
	check(t, err)
	cache, err := code.Open(filepath.Join(b.dir, "code"))
	check(t, err)
	o := b.options
	o.Store, o.Code = st, cache
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Pool = lambdarunner.NewPool(b.launcher, lambdarunner.PoolOptions{MaxSandboxes: 64, Logger: o.Logger})
	b.Service = New(o)
	t.Cleanup(b.stop)
}

func (b *bench) stop() {
	b.Service.Close()
	b.Pool.Close()
	b.Store.Close()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// zipped is a deployment package of one file.
func zipped(content string) []byte { return zippedAs("index.py", content) }

func zippedAs(name, content string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func newFunction(name string, change ...func(*sdk.CreateFunctionInput)) *sdk.CreateFunctionInput {
	in := &sdk.CreateFunctionInput{
		FunctionName: aws.String(name), Role: aws.String(role), Handler: aws.String("index.handler"),
		Runtime: types.RuntimePython313, Code: &types.FunctionCode{ZipFile: zipped("one")},
	}
	for _, f := range change {
		f(in)
	}
	return in
}

func (b *bench) create(t testing.TB, name string, change ...func(*sdk.CreateFunctionInput)) *sdk.CreateFunctionOutput {
	t.Helper()
	out, err := b.CreateFunction(asCaller, newFunction(name, change...))
	check(t, err)
	return out
}

func withHandler(h string) func(*sdk.CreateFunctionInput) {
	return func(in *sdk.CreateFunctionInput) { in.Handler = &h }
}

func (b *bench) configuration(t *testing.T, name string) *sdk.GetFunctionConfigurationOutput {
	t.Helper()
	out, err := b.GetFunctionConfiguration(asCaller, &sdk.GetFunctionConfigurationInput{FunctionName: &name})
	check(t, err)
	return out
}

func (b *bench) setCode(t *testing.T, name, content string) {
	t.Helper()
	_, err := b.UpdateFunctionCode(asCaller, &sdk.UpdateFunctionCodeInput{FunctionName: &name, ZipFile: zipped(content)})
	check(t, err)
}

func (b *bench) publish(t *testing.T, name string) string {
	t.Helper()
	out, err := b.PublishVersion(asCaller, &sdk.PublishVersionInput{FunctionName: &name})
	check(t, err)
	return *out.Version
}

// publishNew publishes a version that differs from those before.
func (b *bench) publishNew(t *testing.T, name, content string) string {
	t.Helper()
	b.setCode(t, name, content)
	return b.publish(t, name)
}

func (b *bench) invoke(t *testing.T, name, payload string) *sdk.InvokeOutput {
	t.Helper()
	out, err := b.InvokeFunction(asCaller, &sdk.InvokeInput{FunctionName: &name, Payload: []byte(payload)})
	check(t, err)
	return out
}

// codeAndText is an error as the tables of the tests write it.
func codeAndText(err error) string {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return e.ErrorCode() + ": " + e.ErrorMessage()
}
