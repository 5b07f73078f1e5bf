package lambda

import (
	"context"
	"errors"
	"fmt"
	"postern/emulator/lazyregexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/eventsource"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// A mapping is what is stored of an event source mapping under its UUID. It survives its function.
type mapping struct {
	Function ref
	Config   types.EventSourceMappingConfiguration // State is Enabled or Disabled
}

var (
	mappings = store.Kind[mapping]{Service: "lambda", Name: "eventsource"}
	// mappingRefs are those of all accounts, in eventScope, so that a start finds them: UUID → where it is.
	mappingRefs = store.Kind[store.Scope]{Service: "lambda", Name: "eventsourceref"}
)

// States of a mapping. The others of AWS's last for moments there and are only answered here.
const (
	stateEnabled  = "Enabled"
	stateDisabled = "Disabled"
)

var queueARNPattern = lazyregexp.New(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$`)

// CreateEventSourceMapping lets a function have the messages of a queue. It is polled when it returns.
func (s *Service) CreateEventSourceMapping(ctx context.Context, in *sdk.CreateEventSourceMappingInput) (*sdk.CreateEventSourceMappingOutput, error) {
	r, err := readRef(ctx, "lambda:CreateEventSourceMapping", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	if err := checkSource(in); err != nil {
		return nil, err
	}
	c := types.EventSourceMappingConfiguration{
		EventSourceArn: in.EventSourceArn, FunctionArn: aws.String(r.arn()), BatchSize: in.BatchSize, MaximumBatchingWindowInSeconds: in.MaximumBatchingWindowInSeconds,
		FilterCriteria: in.FilterCriteria, FunctionResponseTypes: in.FunctionResponseTypes, ScalingConfig: in.ScalingConfig,
		State: aws.String(stateEnabled), StateTransitionReason: aws.String("USER_INITIATED"),
	}
	if in.Enabled != nil && !*in.Enabled {
		c.State = aws.String(stateDisabled)
	}
	fillMapping(&c)
	if err := checkMapping(c); err != nil {
		return nil, err
	}
	if err := s.reachable(ctx, r, c); err != nil {
		return nil, err
	}
	m := mapping{Function: r, Config: c}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error { return insertMapping(tx, &m) })
	if err != nil {
		return nil, err
	}
	s.repoll(m)
	m.Config.State = aws.String("Creating")
	return answer[sdk.CreateEventSourceMappingOutput](m.Config), nil
}

// checkSource refuses sources that are not polled, and what only they have.
func checkSource(in *sdk.CreateEventSourceMappingInput) error {
	arn := aws.ToString(in.EventSourceArn)
	service := strings.Split(arn+":::", ":")[2]
	switch {
	case in.SelfManagedEventSource != nil || service == "kinesis" || service == "dynamodb" || service == "kafka" || service == "mq" || service == "rds":
		return notEmulated("An event source other than an SQS queue")
	case !queueARNPattern.MatchString(arn):
		return invalid("Unrecognized event source.")
	case in.StartingPosition != "":
		return invalid("StartingPosition is not valid for SQS event sources.")
	case in.DestinationConfig != nil && in.DestinationConfig.OnFailure != nil && in.DestinationConfig.OnFailure.Destination != nil:
		return invalid("Unsupported DestinationConfig parameter for given event source mapping type.")
	case in.KMSKeyArn != nil:
		return notEmulated("KMSKeyArn")
	case in.ProvisionedPollerConfig != nil:
		return notEmulated("ProvisionedPollerConfig")
	}
	return nil
}

// fillMapping sets AWS's defaults (recorded).
func fillMapping(c *types.EventSourceMappingConfiguration) {
	if c.BatchSize == nil {
		c.BatchSize = aws.Int32(10)
	}
	if c.MaximumBatchingWindowInSeconds == nil {
		c.MaximumBatchingWindowInSeconds = aws.Int32(0)
	}
	if c.FunctionResponseTypes == nil {
		c.FunctionResponseTypes = []types.FunctionResponseType{}
	}
}

// checkMapping is every test of a queue's mapping that needs nothing stored.
func checkMapping(c types.EventSourceMappingConfiguration) error {
	var v violations
	v.between("batchSize", c.BatchSize, 1, 10000)
	v.between("maximumBatchingWindowInSeconds", c.MaximumBatchingWindowInSeconds, 0, 300)
	if c.ScalingConfig != nil {
		v.between("scalingConfig.maximumConcurrency", c.ScalingConfig.MaximumConcurrency, 2, 1000)
	}
	if err := v.err(); err != nil {
		return err
	}
	switch fifo := strings.HasSuffix(*c.EventSourceArn, ".fifo"); {
	case fifo && *c.BatchSize > 10:
		return invalid("Batch size must be less than or equal to 10 for FIFO queues.")
	case fifo && *c.MaximumBatchingWindowInSeconds > 0:
		return invalid("Batching window is not supported for FIFO queues.")
	case *c.BatchSize > 10 && *c.MaximumBatchingWindowInSeconds == 0:
		return invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	}
	_, err := patterns(c.FilterCriteria)
	if err != nil {
		return invalid("Invalid filter pattern definition.")
	}
	return nil
}

func patterns(c *types.FilterCriteria) (all []*eventsource.Pattern, err error) {
	if c == nil {
		return nil, nil
	}
	for _, f := range c.Filters {
		p, err := eventsource.ParsePattern(aws.ToString(f.Pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// reachable asks for the queue in the name of the function's role.
func (s *Service) reachable(ctx context.Context, r ref, c types.EventSourceMappingConfiguration) error {
	err := s.exists(ctx, r.at(""))
	if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
		return invalid("Function does not exist")
	}
	if err != nil {
		return err
	}
	p, err := s.poller(mapping{Function: r, Config: c})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	if _, err = p.URL(ctx); err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "NonExistentQueue") || strings.Contains(err.Error(), "QueueDoesNotExist") {
		return invalid("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. " +
			"SQS Error Message: The specified queue does not exist.")
	}
	return invalid("The queue cannot be reached: %v", err)
}

func insertMapping(tx *store.Tx, m *mapping) error {
	p, err := mappings.List(tx, store.Query{})
	if err != nil {
		return err
	}
	for _, d := range p.Documents {
		if c := d.Value.Config; *c.EventSourceArn == *m.Config.EventSourceArn && *c.FunctionArn == *m.Config.FunctionArn {
			return conflict("An event source mapping with SQS arn (\" %s \") and function (\" %s \") already exists. Please update or delete the existing mapping with UUID %s",
				*c.EventSourceArn, m.Function.Name, *c.UUID)
		}
	}
	id := tx.UUID()
	m.Config.UUID, m.Config.LastModified = &id, aws.Time(tx.Now())
	m.Config.EventSourceMappingArn = aws.String(fmt.Sprintf("arn:%s:lambda:%s:%s:event-source-mapping:%s", wire.Partition(m.Function.Region), m.Function.Region, m.Function.Account, id))
	if err := mappings.Insert(tx, store.Document[mapping]{ID: id, Name: m.Function.Name, Value: *m}); err != nil {
		return err
	}
	return mappingRefs.Insert(tx.In(eventScope), store.Document[store.Scope]{ID: id, Value: tx.Scope()})
}

func getMapping(tx *store.Tx, id *string) (store.Document[mapping], error) {
	d, err := mappings.Get(tx, aws.ToString(id))
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("The resource you requested does not exist.")
	}
	return d, err
}

// GetEventSourceMapping reads a mapping.
func (s *Service) GetEventSourceMapping(ctx context.Context, in *sdk.GetEventSourceMappingInput) (*sdk.GetEventSourceMappingOutput, error) {
	var m mapping
	err := s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := getMapping(tx, in.UUID)
		m = d.Value
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetEventSourceMappingOutput](m.Config), nil
}

// ListEventSourceMappings lists the mappings of a function, of a source, or all.
func (s *Service) ListEventSourceMappings(ctx context.Context, in *sdk.ListEventSourceMappingsInput) (*sdk.ListEventSourceMappingsOutput, error) {
	limit, err := pageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	var r ref
	if in.FunctionName != nil {
		if r, err = readRef(ctx, "lambda:ListEventSourceMappings", in.FunctionName, nil); err != nil {
			return nil, err
		}
	}
	var all []types.EventSourceMappingConfiguration
	err = s.Store.View(ctx, scope(ctx), func(tx *store.Tx) error {
		p, err := mappings.List(tx, store.Query{})
		for _, d := range p.Documents {
			c := d.Value.Config
			if (in.FunctionName == nil || *c.FunctionArn == r.arn()) && (in.EventSourceArn == nil || *c.EventSourceArn == *in.EventSourceArn) {
				all = append(all, c)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := page(all, limit, aws.ToString(in.Marker), func(c types.EventSourceMappingConfiguration) string { return *c.UUID })
	return &sdk.ListEventSourceMappingsOutput{EventSourceMappings: list, NextMarker: next}, nil
}

// UpdateEventSourceMapping changes what the input has, and whether the source is polled.
func (s *Service) UpdateEventSourceMapping(ctx context.Context, in *sdk.UpdateEventSourceMappingInput) (*sdk.UpdateEventSourceMappingOutput, error) {
	if in.KMSKeyArn != nil || in.ProvisionedPollerConfig != nil {
		return nil, notEmulated("KMSKeyArn or ProvisionedPollerConfig")
	}
	var m mapping
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := getMapping(tx, in.UUID)
		if err != nil {
			return err
		}
		if err := d.Value.update(ctx, tx, in); err != nil {
			return err
		}
		d.Value.Config.LastModified = aws.Time(tx.Now())
		m = d.Value
		return mappings.Put(tx, d)
	})
	if err != nil {
		return nil, err
	}
	s.repoll(m)
	m.Config.State = aws.String("Updating")
	return answer[sdk.UpdateEventSourceMappingOutput](m.Config), nil
}

func (m *mapping) update(ctx context.Context, tx *store.Tx, in *sdk.UpdateEventSourceMappingInput) error {
	c := &m.Config
	if in.FunctionName != nil {
		r, err := readRef(ctx, "lambda:UpdateEventSourceMapping", in.FunctionName, nil)
		if err != nil {
			return err
		}
		if _, err := findFunction(tx, r.at("")); err != nil {
			return invalid("Function does not exist")
		}
		m.Function, c.FunctionArn = r, aws.String(r.arn())
	}
	set(&c.BatchSize, in.BatchSize)
	set(&c.MaximumBatchingWindowInSeconds, in.MaximumBatchingWindowInSeconds)
	set(&c.ScalingConfig, in.ScalingConfig)
	if in.FunctionResponseTypes != nil {
		c.FunctionResponseTypes = in.FunctionResponseTypes
	}
	if in.FilterCriteria != nil {
		c.FilterCriteria = in.FilterCriteria
		if len(in.FilterCriteria.Filters) == 0 {
			c.FilterCriteria = nil
		}
	}
	if in.Enabled != nil {
		c.State = aws.String(stateDisabled)
		if *in.Enabled {
			c.State = aws.String(stateEnabled)
		}
	}
	return checkMapping(*c)
}

// DeleteEventSourceMapping ends a mapping. What the function has of it already is worked off.
func (s *Service) DeleteEventSourceMapping(ctx context.Context, in *sdk.DeleteEventSourceMappingInput) (*sdk.DeleteEventSourceMappingOutput, error) {
	var m mapping
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := getMapping(tx, in.UUID)
		if err != nil {
			return err
		}
		m = d.Value
		return errors.Join(mappings.Delete(tx, d.ID), mappingRefs.Delete(tx.In(eventScope), d.ID))
	})
	if err != nil {
		return nil, err
	}
	s.sources.stop(*m.Config.UUID)
	m.Config.State = aws.String("Deleting")
	return answer[sdk.DeleteEventSourceMappingOutput](m.Config), nil
}

// partial tells whether a function reports what of a batch has failed.
func partial(c types.EventSourceMappingConfiguration) bool {
	return slices.Contains(c.FunctionResponseTypes, types.FunctionResponseTypeReportBatchItemFailures)
}
