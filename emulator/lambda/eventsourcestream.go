package lambda

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/eventsource"
	"postern/emulator/eventsource/stream"
	"postern/emulator/lazyregexp"
	"postern/emulator/store"
)

// isStream tells a mapping of a stream from one of a queue.
func isStream(c types.EventSourceMappingConfiguration) bool {
	return !strings.Contains(*c.EventSourceArn, ":sqs:")
}

// streamDefaults are recorded.
func streamDefaults(c *types.EventSourceMappingConfiguration) {
	c.BatchSize, c.ParallelizationFactor = aws.Int32(100), aws.Int32(1)
	c.MaximumRecordAgeInSeconds, c.MaximumRetryAttempts = aws.Int32(-1), aws.Int32(-1)
	c.BisectBatchOnFunctionError, c.TumblingWindowInSeconds = aws.Bool(false), aws.Int32(0)
	c.DestinationConfig = &types.DestinationConfig{OnFailure: &types.OnFailure{}}
	c.LastProcessingResult, c.StateTransitionReason = aws.String(stream.ResultNone), aws.String("User action")
}

// applyStreamSettings sets what only streams have.
func applyStreamSettings(c *types.EventSourceMappingConfiguration, in *sdk.CreateEventSourceMappingInput) {
	set(&c.ParallelizationFactor, in.ParallelizationFactor)
	set(&c.MaximumRecordAgeInSeconds, in.MaximumRecordAgeInSeconds)
	set(&c.MaximumRetryAttempts, in.MaximumRetryAttempts)
	set(&c.BisectBatchOnFunctionError, in.BisectBatchOnFunctionError)
	set(&c.TumblingWindowInSeconds, in.TumblingWindowInSeconds)
	c.StartingPosition, c.StartingPositionTimestamp = in.StartingPosition, in.StartingPositionTimestamp
	if in.DestinationConfig != nil {
		c.DestinationConfig = &types.DestinationConfig{OnFailure: &types.OnFailure{}}
		set(&c.DestinationConfig.OnFailure, in.DestinationConfig.OnFailure)
	}
}

// checkStart tests where a stream is to begin. The texts are recorded, but for those of a time that is not sent or to come.
func checkStart(k sourceKind, in *sdk.CreateEventSourceMappingInput, now time.Time) error {
	at := in.StartingPositionTimestamp
	switch start := in.StartingPosition; {
	case start == "":
		return invalid("1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.")
	case start == types.EventSourcePositionAtTimestamp && k.service == "dynamodb":
		return invalid("Unsupported starting position for arn type: %s", *in.EventSourceArn)
	case start == types.EventSourcePositionAtTimestamp && at == nil:
		return invalid("StartingPositionTimestamp is required for the starting position AT_TIMESTAMP.")
	case start != types.EventSourcePositionAtTimestamp && at != nil:
		return invalid("Timestamp only valid with StartingPosition AT_TIMESTAMP")
	case at != nil && at.After(now):
		return invalid("StartingPositionTimestamp cannot be in the future.")
	}
	return nil
}

var onFailurePattern = lazyregexp.New(`^arn:aws[a-z-]*:(sqs:[^:]+:\d{12}:[^:]+|sns:[^:]+:\d{12}:[^:]+|s3:::.+)$`)

// onFailure is the ARN that hears of discarded records; "" for none.
func onFailure(c *types.DestinationConfig) string {
	if c == nil || c.OnFailure == nil {
		return ""
	}
	return aws.ToString(c.OnFailure.Destination)
}

func checkStream(c types.EventSourceMappingConfiguration) error {
	to := onFailure(c.DestinationConfig)
	switch age := *c.MaximumRecordAgeInSeconds; {
	case age >= 0 && age < 60:
		return invalid("Maximum record age in seconds must be -1 or at least 60.")
	case *c.TumblingWindowInSeconds > 0 && *c.ParallelizationFactor > 1:
		return notEmulated("TumblingWindowInSeconds with a ParallelizationFactor of more than 1")
	case strings.HasPrefix(to, "kafka://"):
		return notEmulated("A Kafka topic as the destination of discarded records")
	case to != "" && !onFailurePattern.MatchString(to):
		return invalid("The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=%s)) is invalid.", to)
	}
	return nil
}

// reachStream asks for the stream of a mapping.
func (s *Service) reachStream(ctx context.Context, m mapping) error {
	p, err := s.streamPoller(m)
	if err != nil {
		return err
	}
	switch err = p.Check(ctx); eventsource.Code(err) {
	case "ResourceNotFoundException":
		return invalid("Stream not found: %s", *m.Config.EventSourceArn)
	case "AccessDeniedException":
		return invalid("Cannot access stream %s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, "+
			"and ListStreams Actions on your stream in IAM.", *m.Config.EventSourceArn)
	}
	if err != nil {
		return invalid("The stream cannot be reached: %v", err)
	}
	return nil
}

// streamPoller reads the stream of a mapping.
func (s *Service) streamPoller(m mapping) (*stream.Poller, error) {
	if s.Source == nil {
		return nil, errors.New("there is nothing to call the service of the stream with")
	}
	filters, err := patterns(m.Config.FilterCriteria)
	if err != nil {
		return nil, err
	}
	c := m.Config
	p := &stream.Poller{
		Stream: stream.Stream{
			ARN: *c.EventSourceArn, Start: string(c.StartingPosition), StartAt: aws.ToTime(c.StartingPositionTimestamp),
			BatchSize: int(*c.BatchSize), Window: time.Duration(*c.MaximumBatchingWindowInSeconds) * time.Second, Filters: filters, Partial: partial(c),
			Parallel: int(*c.ParallelizationFactor), MaxAge: time.Duration(max(*c.MaximumRecordAgeInSeconds, 0)) * time.Second,
			MaxRetries: int(*c.MaximumRetryAttempts), Bisect: *c.BisectBatchOnFunctionError, Tumbling: time.Duration(*c.TumblingWindowInSeconds) * time.Second,
		},
		Call: s.callerOf(m), Invoke: s.invokerOf(m), FunctionARN: *c.FunctionArn, Logger: s.Logger, Now: s.Now, NewID: s.NewID,
		Role: func(ctx context.Context) (string, error) {
			t, err := s.resolve(ctx, m.Function)
			if err != nil {
				return "", err
			}
			return t.role, nil
		},
		Report: s.reporter(m),
	}
	if c.UUID != nil {
		p.Positions = positions{s, m.Function.Scope, *c.UUID}
	}
	if to := onFailure(c.DestinationConfig); to != "" {
		p.Discard = func(ctx context.Context, d stream.Discarded) error { return s.tellDiscarded(ctx, m, to, d) }
	}
	return p, nil
}

// tellDiscarded sends what is known of discarded records to a queue or topic, and to a bucket the records besides.
func (s *Service) tellDiscarded(ctx context.Context, m mapping, to string, d stream.Discarded) error {
	t, err := s.resolve(ctx, m.Function)
	if err != nil {
		return err
	}
	body := d.Body
	if strings.Contains(to, ":s3:") {
		body = d.Full
	}
	return s.deliver(ctx, Delivery{
		To: to, RoleARN: t.role, FunctionARN: qualified(m.Function).arn(), RequestID: d.RequestID, Time: d.Time, Body: body,
		Folder: *m.Config.UUID + "/" + d.ShardID,
	})
}

// reporter keeps a mapping's LastProcessingResult where it changes.
func (s *Service) reporter(m mapping) func(context.Context, string) {
	var mu sync.Mutex // guards last
	last := aws.ToString(m.Config.LastProcessingResult)
	return func(ctx context.Context, result string) {
		mu.Lock()
		defer mu.Unlock()
		if result == last {
			return
		}
		err := s.Store.Update(context.WithoutCancel(ctx), m.Function.Scope, func(tx *store.Tx) error {
			d, err := mappings.Get(tx, *m.Config.UUID)
			if err != nil {
				return err
			}
			d.Value.Config.LastProcessingResult = &result
			return mappings.Put(tx, d)
		})
		if err == nil {
			last = result
		} else if !errors.Is(err, store.ErrNotFound) {
			s.Logger.Warn("result of an event source mapping is not kept", "uuid", *m.Config.UUID, "error", err)
		}
	}
}

// shardPositions hang from their mappings: UUID/shard.
var shardPositions = store.Kind[stream.Position]{Service: "lambda", Name: "eventsourceshard"}

// positions are how far the shards of one mapping are worked off.
type positions struct {
	s     *Service
	scope store.Scope
	uuid  string
}

// Load implements stream.Positions, as Save and Forget do.
func (p positions) Load(ctx context.Context) (map[string]stream.Position, error) {
	all := map[string]stream.Position{}
	err := p.s.Store.View(ctx, p.scope, func(tx *store.Tx) error {
		page, err := shardPositions.List(tx, store.Query{Parent: p.mapping()})
		for _, d := range page.Documents {
			all[d.Name] = d.Value
		}
		return err
	})
	return all, err
}

// Save keeps a position, unless the mapping was deleted meanwhile.
func (p positions) Save(ctx context.Context, shard string, at stream.Position) error {
	err := p.s.Store.Update(ctx, p.scope, func(tx *store.Tx) error {
		return shardPositions.Put(tx, store.Document[stream.Position]{ID: p.uuid + "/" + shard, Parent: p.mapping(), Name: shard, Value: at})
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Forget drops a position; there need not be any.
func (p positions) Forget(ctx context.Context, shard string) error {
	err := p.s.Store.Update(ctx, p.scope, func(tx *store.Tx) error { return shardPositions.Delete(tx, p.uuid+"/"+shard) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (p positions) mapping() *store.Ref { return &store.Ref{Kind: mappings.Name, ID: p.uuid} }
