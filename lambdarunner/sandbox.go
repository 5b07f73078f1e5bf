package lambdarunner

import (
	"context"
	"fmt"
)

// A Launcher starts sandboxes of one kind (process, docker).
type Launcher interface {
	// Name is "process" or "docker".
	Name() string
	// Launch starts a sandbox and returns as soon as it was started; its init
	// phase goes on, and a failure of it is the Result of the first Invoke.
	// output receives what the sandbox prints, line by line.
	// An error means that no sandbox could be started at all (no such
	// interpreter, image missing, engine gone); its text is for the user.
	Launch(ctx context.Context, fn *Function, output *Output) (Sandbox, error)
	// Close ends everything the launcher started.
	Close() error
}

// A Sandbox is one execution environment of one function version. It takes one
// invocation at a time.
type Sandbox interface {
	// Invoke hands over an event and waits for the result. A timeout, a crash and
	// an init error are Results. If ctx ends first the invocation goes on, as on AWS,
	// and the error is a *Detached. After a Result with Ended set, or another error,
	// the sandbox is of no more use; ErrGone says that it has not taken the event.
	Invoke(ctx context.Context, inv *Invocation) (*Result, error)
	// Init waits for the end of the init phase, and says why it failed if it did.
	Init(ctx context.Context) error
	// Done is closed when the sandbox has ended, for whatever reason.
	Done() <-chan struct{}
	// Close kills the sandbox and everything in it, and waits.
	Close() error
}

// A Detached is the error of an Invoke whose caller left before its end.
type Detached struct {
	Ended <-chan bool // when the invocation is over, whether the sandbox is of no more use
	Err   error       // why the caller left
}

func (d *Detached) Error() string { return fmt.Sprintf("the caller left: %v", d.Err) }
func (d *Detached) Unwrap() error { return d.Err }
