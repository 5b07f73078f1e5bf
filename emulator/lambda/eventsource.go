package lambda

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/emulator/wire"
)

// A mapping is what is stored of an event source mapping under its UUID. It survives its function.
type mapping struct {
	Function ref
	Config   types.EventSourceMappingConfiguration // State is Enabled or Disabled
	Tags     map[string]string                     `json:",omitempty"`
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

// CreateEventSourceMapping lets a function have what a source holds. It is polled when it returns.
func (s *Service) CreateEventSourceMapping(ctx context.Context, in *sdk.CreateEventSourceMappingInput) (*sdk.CreateEventSourceMappingOutput, error) {
	r, err := readRef(ctx, "lambda:CreateEventSourceMapping", in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(in)
	if err != nil {
		return nil, err
	}
	if err := kind.check(in, s.Now()); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	c := kind.defaults()
	c.EventSourceArn, c.FunctionArn, c.State = in.EventSourceArn, aws.String(r.arn()), aws.String(stateEnabled)
	applySettings(&c, in)
	if err := kind.checkSettings(c); err != nil {
		return nil, err
	}
	m := mapping{Function: r, Config: c, Tags: in.Tags}
	if err := s.reachable(ctx, m); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error { return insertMapping(tx, kind, &m) })
	if err != nil {
		return nil, err
	}
	s.repoll(ctx, m)
	m.Config.State = aws.String("Creating")
	return answer[sdk.CreateEventSourceMappingOutput](m.Config), nil
}

// applySettings sets what was sent to create or to update a mapping.
func applySettings(c *types.EventSourceMappingConfiguration, in *sdk.CreateEventSourceMappingInput) {
	set(&c.BatchSize, in.BatchSize)
	set(&c.MaximumBatchingWindowInSeconds, in.MaximumBatchingWindowInSeconds)
	set(&c.ScalingConfig, in.ScalingConfig)
	set(&c.MetricsConfig, in.MetricsConfig)
	if isStream(*c) {
		applyStreamSettings(c, in)
	}
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
}

func insertMapping(tx *store.Tx, kind sourceKind, m *mapping) error {
	p, err := mappings.List(tx, store.Query{})
	if err != nil {
		return err
	}
	for _, d := range p.Documents {
		if c := d.Value.Config; *c.EventSourceArn == *m.Config.EventSourceArn && *c.FunctionArn == *m.Config.FunctionArn {
			return conflict(kind.duplicate, *c.EventSourceArn, m.Function.Name, *c.UUID)
		}
	}
	id := tx.UUID()
	m.Config.UUID, m.Config.LastModified = &id, aws.Time(tx.Now())
	m.Config.EventSourceMappingArn = aws.String(mappingARN(m.Function.Scope, id))
	if err := mappings.Insert(tx, store.Document[mapping]{ID: id, Name: m.Function.Name, Value: *m}); err != nil {
		return err
	}
	return mappingRefs.Insert(tx.In(eventScope), store.Document[store.Scope]{ID: id, Value: tx.Scope()})
}

func mappingARN(s store.Scope, id string) string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:event-source-mapping:%s", wire.Partition(s.Region), s.Region, s.Account, id)
}

func getMapping(tx *store.Tx, id *string) (store.Document[mapping], error) {
	d, err := mappings.Get(tx, aws.ToString(id))
	if errors.Is(err, store.ErrNotFound) {
		err = resourceGone()
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
	var m mapping
	var before string
	err := s.Store.Update(ctx, scope(ctx), func(tx *store.Tx) error {
		d, err := getMapping(tx, in.UUID)
		if err != nil {
			return err
		}
		before = *d.Value.Config.State
		if err := d.Value.update(ctx, tx, in, s.Now()); err != nil {
			return err
		}
		d.Value.Config.LastModified = aws.Time(tx.Now())
		m = d.Value
		return mappings.Put(tx, d)
	})
	if err != nil {
		return nil, err
	}
	s.repoll(ctx, m)
	state := "Updating"
	if before != *m.Config.State {
		state = map[string]string{stateEnabled: "Enabling", stateDisabled: "Disabling"}[*m.Config.State]
	}
	m.Config.State = &state
	return answer[sdk.UpdateEventSourceMappingOutput](m.Config), nil
}

func (m *mapping) update(ctx context.Context, tx *store.Tx, in *sdk.UpdateEventSourceMappingInput, now time.Time) error {
	sent := answer[sdk.CreateEventSourceMappingInput](*in)
	sent.EventSourceArn, sent.StartingPosition, sent.StartingPositionTimestamp = m.Config.EventSourceArn, m.Config.StartingPosition, m.Config.StartingPositionTimestamp
	kind, err := kindOf(sent)
	if err != nil {
		return err
	}
	if err := kind.check(sent, now); err != nil {
		return err
	}
	if in.FunctionName != nil {
		r, err := readRef(ctx, "lambda:UpdateEventSourceMapping", in.FunctionName, nil)
		if err != nil {
			return err
		}
		if err := mappable(tx, r); err != nil {
			return err
		}
		m.Function, m.Config.FunctionArn = r, aws.String(r.arn())
	}
	applySettings(&m.Config, sent)
	return kind.checkSettings(m.Config)
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
