package lambdarunner

import (
	"io"
	"time"
)

// A Function is one version of a Lambda function, ready to run. It is immutable:
// a change of code or configuration is a new value with another Revision.
type Function struct {
	ARN          string // with version: arn:aws:lambda:{region}:{account}:function:{name}:{version}
	Name         string
	Version      string // "$LATEST" or a number
	AccountID    string
	Region       string
	Revision     string // sandboxes are reused for the same ARN and Revision only
	Runtime      string // "python3.12", "nodejs22.x", "provided.al2023", …
	Handler      string
	Architecture string // "x86_64" or "arm64"
	MemoryMB     int
	EphemeralMB  int // size of /tmp
	Timeout      time.Duration
	Environment  map[string]string // the user's variables
	Code         Code
	Layers       []Code // in order, for /opt
	Image        *Image // what runs instead of Code with Runtime, Handler and Layers; nil for none
	LogGroup     string // "/aws/lambda/{name}"
	Logging      Logging
	RuntimeARN   string // of the runtime's version, as RuntimeVersionConfig shows it; "" for an image
	Provisioned  bool   // its sandboxes are started ahead: AWS_LAMBDA_INITIALIZATION_TYPE
}

// Code is a directory of unpacked files on this machine.
type Code struct {
	Dir    string // absolute
	Digest string // base64 SHA-256 of the zip file; "" when Live
	Live   bool   // a user's own directory (hot reload): it may change at any time
}

// An Invocation is one event for a function.
type Invocation struct {
	RequestID     string // UUID
	InvokedARN    string // as the caller named it: with a qualifier only if one was used
	Payload       []byte // JSON
	ClientContext string // JSON, "" for none
	TraceID       string // Root=1-…;Parent=…;Sampled=0
	Tail          bool   // the caller wants Result.LogTail, and waits until it is complete

	// Ended is called when the sandbox is free again, or none took the event: for a caller that left early that
	// is later than Pool.Invoke returns. Nil is nobody who wants to know.
	Ended func()

	// Stream takes the response of a function that streams it; nil for a caller that wants it
	// whole, in Result.Payload.
	Stream ResponseStream
}

// A ResponseStream takes a function's response as it is produced. One that fails does not
// end the invocation.
type ResponseStream interface {
	// Begin is called once, before the first Write. contentType is what the function says
	// that it sends.
	Begin(contentType string)
	io.Writer
}

// A Result is how an invocation ended, the function's own failure included.
type Result struct {
	Payload       []byte
	FunctionError string // "" or "Unhandled"
	Streamed      bool   // the response went to Invocation.Stream; Payload is of an error that came after
	LogTail       []byte // last 4 KB of the log, START to REPORT; nil unless Invocation.Tail asked for it
	Duration      time.Duration
	InitDuration  time.Duration // 0 on a warm start
	MaxMemoryMB   int
	Ended         bool // the sandbox is of no more use: it died, or was killed for taking too long

	// Busy tells when the sandbox is free again, and whether it is of no more use then; nil if
	// it is free now. Extensions may go on after the response.
	Busy <-chan bool
}

// A LogSink keeps what functions print and what the platform says about them.
// Append must not block on disk or network.
type LogSink interface {
	Append(fn *Function, stream string, events []LogEvent)
}

// A LogEvent is one line, or one message of several lines, of a function's log.
type LogEvent struct {
	Time      time.Time
	RequestID string // "" outside an invocation
	Message   string // with its line end, as AWS stores it
}
