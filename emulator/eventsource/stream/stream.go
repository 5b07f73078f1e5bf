package stream

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"postern/emulator/eventsource"
)

// A Stream is a stream whose records a function gets, and how.
type Stream struct {
	ARN        string    // of a Kinesis stream or a consumer of it, or of a DynamoDB stream
	Start      string    // Latest, TrimHorizon or AtTimestamp: where reading begins
	StartAt    time.Time // for AtTimestamp
	BatchSize  int       // at most so many records in an event
	Window     time.Duration
	Filters    []*eventsource.Pattern // a record that none of them wants is passed over; nil: all are wanted
	Partial    bool                   // the function reports from where on a batch has failed (ReportBatchItemFailures)
	Parallel   int                    // batches of a shard that may be with the function at once; 0 is 1
	MaxAge     time.Duration          // of a record that is given to the function; 0 is as long as the stream keeps it
	MaxRetries int                    // of a batch that the function fails; negative for no end
	Bisect     bool                   // a batch that the function fails is halved
	Tumbling   time.Duration          // of the windows that a state is kept for; 0 for none
}

// Where reading begins, as the APIs of both services call it.
const (
	Latest      = "LATEST"
	TrimHorizon = "TRIM_HORIZON"
	AtTimestamp = "AT_TIMESTAMP"
)

// A Position is how far a shard is worked off.
type Position struct {
	Sequence string    `json:",omitempty"` // of the last record that is done; "" for none
	Start    string    `json:",omitempty"` // where the shard begins while Sequence is ""
	At       time.Time // of Start: for Latest when that was
	Finished bool      `json:",omitempty"` // the shard is closed and all of it is done
	Window   *Window   `json:",omitempty"` // the tumbling window that is open
}

// Positions keep how far shards are worked off, by their ids.
type Positions interface {
	Load(ctx context.Context) (map[string]Position, error)
	Save(ctx context.Context, shard string, at Position) error
	Forget(ctx context.Context, shard string) error
}

// A Poller reads a stream.
type Poller struct {
	Stream    Stream
	Call      eventsource.Caller // to Kinesis or DynamoDB Streams, whichever the stream is of
	Invoke    eventsource.Invoker
	Positions Positions
	// Role is that of the function, which events of Kinesis name.
	Role func(ctx context.Context) (string, error)
	// Discard tells what becomes of records that are given up; nil tells nobody.
	Discard func(ctx context.Context, d Discarded) error
	// Report gets the mapping's LastProcessingResult.
	Report      func(ctx context.Context, result string)
	FunctionARN string // as the mapping has it
	Logger      *slog.Logger
	Now         func() time.Time
	NewID       func() string

	mu        sync.Mutex // guards the rest
	positions map[string]Position
	iterators map[string]string // of shards that begin at Latest, from the moment it was
	retention time.Duration
}

// What a mapping's LastProcessingResult says. (Developer guide, "Using AWS Lambda with Amazon Kinesis".)
const (
	ResultNone   = "No records processed"
	ResultOK     = "OK"
	ResultFailed = "PROBLEM: Function call failed"
)

// A shard is a part of a stream with an order of its own.
type shard struct {
	id      string
	parents []string // that have to be done before
	closed  bool     // nothing is added any more
}

// A source is what the two services have each in their own way.
type source interface {
	// check asks whether the stream is there and how long it keeps records; 0 for not known.
	check(ctx context.Context) (retention time.Duration, err error)
	shards(ctx context.Context) ([]shard, error)
	// iterator begins after a sequence number, at the time, or where the position's Start says. Records from
	// before since are not meant.
	iterator(ctx context.Context, shard string, at Position) (iterator string, since time.Time, err error)
	// records reads what comes next; next is "" at the end of a closed shard, and behind says that there is more.
	records(ctx context.Context, shard, iterator string, limit int) (all []record, next string, behind bool, err error)
	most() int // records at once
}

func (p *Poller) source() source {
	parts := append(strings.SplitN(p.Stream.ARN, ":", 6), "", "", "", "", "", "")
	if parts[2] == "dynamodb" {
		return &dynamoDB{call: p.call, arn: p.Stream.ARN, region: parts[3]}
	}
	arn, _, _ := strings.Cut(p.Stream.ARN, "/consumer/")
	name := strings.TrimPrefix(strings.SplitN(arn, ":", 6)[5], "stream/")
	return &kinesis{call: p.call, arn: arn, name: name, source: p.Stream.ARN, region: parts[3], role: p.Role}
}

// callTimeout is for one request to the service.
const callTimeout = 30 * time.Second

func (p *Poller) call(ctx context.Context, action string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return p.Call(ctx, action, in, out)
}

// Check asks whether the stream is there.
func (p *Poller) Check(ctx context.Context) error {
	_, err := p.source().check(ctx)
	return err
}

// Begin fixes where the shards that there are begin, unless that was done before. What is put into the stream
// after it is read, also from Latest.
func (p *Poller) Begin(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(ctx); err != nil || len(p.positions) > 0 {
		return err
	}
	s := p.source()
	all, err := s.shards(ctx)
	if err != nil {
		return err
	}
	begin := map[string]Position{}
	iterators := map[string]string{}
	for _, one := range all {
		at := Position{Start: p.Stream.Start, At: p.Stream.StartAt}
		if p.Stream.Start == Latest {
			at.At, at.Finished = p.Now(), one.closed
			if !one.closed {
				if iterators[one.id], _, err = s.iterator(ctx, one.id, Position{Start: Latest}); err != nil {
					return err
				}
			}
		}
		begin[one.id] = at
	}
	for id, at := range begin {
		if err := p.Positions.Save(ctx, id, at); err != nil {
			return err
		}
	}
	p.positions, p.iterators = begin, iterators
	return nil
}

// load reads what is stored, once; mu is held.
func (p *Poller) load(ctx context.Context) (err error) {
	if p.positions == nil {
		p.positions, err = p.Positions.Load(ctx)
	}
	return err
}

func (p *Poller) at(shard string) (at Position, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known = p.positions[shard]
	return at, known
}

// save keeps a position, also when the poller is about to stop.
func (p *Poller) save(ctx context.Context, shard string, at Position) {
	p.mu.Lock()
	p.positions[shard] = at
	p.mu.Unlock()
	if err := p.Positions.Save(context.WithoutCancel(ctx), shard, at); err != nil {
		p.Logger.Error("position in a stream is not kept: after a restart records come again", "stream", p.Stream.ARN, "shard", shard, "err", err)
	}
}
