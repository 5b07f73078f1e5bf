package durable

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// The kinds of document. Executions hang from their function, and all else from its execution.
var (
	executions = store.Kind[execution]{Service: "lambda", Name: "durableexecution"} // name: the function's
	operations = store.Kind[operation]{Service: "lambda", Name: "durableoperation"} // id: operationID; name: its number
	events     = store.Kind[types.Event]{Service: "lambda", Name: "durableevent"}   // id: eventID
	names      = store.Kind[string]{Service: "lambda", Name: "durablename"}         // id: nameID; value: the execution's id

	// scopes say in which scope an execution is, in everyScope: a start looks nowhere else.
	scopes = store.Kind[store.Scope]{Service: "lambda", Name: "durablescope"}
)

var everyScope = store.Scope{Account: "postern", Region: "lambda-durable"}

// A Function is one version of a function.
type Function struct {
	store.Scope
	Name    string
	Version string // "$LATEST" or a number
}

// ARN is the function's, with its version.
func (f Function) ARN() string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s:%s", wire.Partition(f.Region), f.Region, f.Account, f.Name, f.Version)
}

// A key names an execution.
type key struct {
	store.Scope
	ID string
}

// An execution is what there is to know of one without its operations.
type execution struct {
	Function  Function
	Name      string
	ID        string
	Status    types.ExecutionStatus
	Config    types.DurableConfig
	Sync      bool // started by a call that waits for the result
	TraceID   string
	RequestID string // of the invocation that began it
	InputHash string
	Started   time.Time
	Deadline  time.Time
	Parent    *parent `json:",omitempty"` // nil unless another execution invoked it

	Ended   time.Time          `json:",omitzero"`
	Expires time.Time          `json:",omitzero"` // when it is forgotten
	Result  *string            `json:",omitempty"`
	Error   *types.ErrorObject `json:",omitempty"`

	Invocation string    // request id of the one that runs, "" for none
	Begun      time.Time `json:",omitzero"` // when that one did
	Sequence   int       // of checkpoint tokens: one is good for one call
	Failures   int       // invocations that failed since one did not
	Retry      time.Time `json:",omitzero"` // when it is invoked again after one
	Last       *last     `json:",omitempty"`

	Operations int             // how many there are, to number them
	Events     int             // the same of events
	Unseen     []string        // operations that have changed and that the function was not told of
	Told       bool            // its last checkpoint told it of operations that something else has ended
	Open       map[string]open `json:",omitempty"` // what it waits for, by operation
}

// A parent is the operation of another execution that an execution is the work of.
type parent struct{ Execution, Operation string }

// A last is the answer to the last checkpoint, for a client that did not get it and asks again.
type last struct {
	At                     time.Time
	Token, ClientToken     string
	Answer                 string // token
	Operations             []string
	ClosedWithoutNextToken bool `json:",omitempty"`
}

// An open operation is one that something other than the function ends.
type open struct {
	Type types.OperationType
	Due  time.Time `json:",omitzero"` // end of a wait, next attempt of a step, time-out of a callback

	Heartbeat     time.Time `json:",omitzero"` // when a callback that gives no sign times out
	HeartbeatSecs int32     `json:",omitempty"`
	CallbackID    string    `json:",omitempty"`

	Target *Target `json:",omitempty"` // of a chained invocation that is to be made or runs
	Child  string  `json:",omitempty"` // the execution that it started
}

// An operation is one as the API shows it, and what its function is invoked with where it is an invocation.
type operation struct {
	types.Operation
	Number  int
	Payload *string `json:",omitempty"`
}

func (x *execution) key() key { return key{x.Function.Scope, x.ID} }

// arn is arn:aws:lambda:{region}:{account}:function:{name}:{version}/durable-execution/{name}/{id}.
func (x *execution) arn() string {
	return x.Function.ARN() + "/durable-execution/" + x.Name + "/" + x.ID
}

func (x *execution) running() bool { return x.Status == types.ExecutionStatusRunning }

// due is when something is to be done about the execution though nobody calls.
func (x *execution) due() time.Time {
	if !x.running() {
		return x.Expires
	}
	next := x.Deadline
	for _, o := range x.Open {
		next = earlier(earlier(next, o.Due), o.Heartbeat)
	}
	return earlier(next, x.Retry)
}

// earlier is the first of two times, of which the second may be none.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// maxResult is what the execution may answer: as much as who waits for it takes.
func (x *execution) maxResult() int {
	if x.Sync {
		return maxSyncPayload
	}
	return maxPayload
}

const (
	maxSyncPayload = 6 << 20
	maxPayload     = 1 << 20 // of asynchronous executions and of operations
)

func parentOf(execution string) *store.Ref { return &store.Ref{Kind: executions.Name, ID: execution} }

func operationID(execution, id string) string     { return execution + "/" + id }
func eventID(execution string, number int) string { return fmt.Sprintf("%s/%08d", execution, number) }
func nameID(function, execution string) string    { return function + "/" + execution }
func functionRef(name string) *store.Ref          { return &store.Ref{Kind: "function", ID: name} }
func operationNumber(number int) string           { return fmt.Sprintf("%08d", number) }
func allOf(execution string, o store.Order) store.Query {
	return store.Query{Parent: parentOf(execution), Order: o}
}
