package lambda

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
	"postern/lambdarunner"
)

// A fetch is an image that is being pulled for a function, which is Pending or whose update is
// InProgress until then.
//
// Unlike AWS, which goes on with the former image during an update, invocations wait for the new one.
type fetch struct {
	Function     ref
	Pin          string
	Former       *lambdarunner.Image  // what an update that fails goes back to; nil for a new function
	Architecture []types.Architecture // Former's
}

// fetches are those of all accounts, in eventScope, so that a start goes on with them. The id is the ARN.
var fetches = store.Kind[fetch]{Service: "lambda", Name: "fetch"}

// missing tells that the engine has to pull the image first.
func (p codePackage) missing() bool { return p.image != nil && p.image.Pin == p.image.Resolved }

// awaiting makes rec, whose code p is, one that waits for its image, and notes the fetch.
func (p codePackage) awaiting(tx *store.Tx, r ref, rec *record, former record) error {
	if !p.missing() {
		return nil
	}
	f := fetch{Function: r, Pin: p.image.Pin, Former: former.Image}
	if former.Image == nil {
		rec.Config = creating(rec.Config, tx.UUID())
	} else {
		rec.Config = updating(rec.Config, tx.UUID())
		f.Architecture = former.Config.Architectures
	}
	return fetches.Put(tx.In(eventScope), store.Document[fetch]{ID: r.arn(), Value: f})
}

// fetchSoon pulls the image of a function that waits for it.
func (s *Service) fetchSoon(r ref, p codePackage) {
	if p.missing() {
		s.events.work.Go(func() { s.fetch(s.events.running, r.function()) })
	}
}

// fetchNow pulls the image of a function before it is made.
func (s *Service) fetchNow(ctx context.Context, p codePackage, architectures []types.Architecture) (codePackage, error) {
	architecture := types.ArchitectureX8664
	if len(architectures) > 0 {
		architecture = architectures[0]
	}
	if err := s.Images.FetchImage(ctx, *p.image, string(architecture)); err != nil {
		return p, invalid("Source image %s does not exist. Provide a valid source image. (Postern: %s)", p.image.URI, err)
	}
	return s.imageOf(ctx, p.image.URI, architecture) // which the engine has now
}

func (s *Service) fetch(ctx context.Context, arn string) {
	f, architecture, err := s.readFetch(ctx, arn)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, store.ErrNotFound) {
			s.Logger.Error("read what a function waits for", "function", arn, "err", err)
		}
		return
	}
	err = errors.New("there is no Docker engine")
	if s.Images != nil {
		err = s.Images.FetchImage(ctx, lambdarunner.Image{URI: f.Pin, Resolved: f.Pin, Pin: f.Pin}, string(architecture))
	}
	if ctx.Err() != nil {
		return // the next start goes on
	}
	if err != nil {
		s.Logger.Warn("the image of a function could not be pulled", "function", arn, "error", err)
	}
	if err := s.fetched(ctx, f, err); err != nil {
		s.Logger.Error("note that a function's image is here", "function", arn, "err", err)
	}
	s.redeployed(f.Function)
}

// readFetch is a fetch and the architecture that the image has to be for.
func (s *Service) readFetch(ctx context.Context, arn string) (f fetch, architecture types.Architecture, err error) {
	err = s.Store.View(ctx, eventScope, func(tx *store.Tx) error {
		d, err := fetches.Get(tx, arn)
		f = d.Value
		return err
	})
	if err != nil {
		return f, "", err
	}
	c, err := s.present(ctx, f.Function)
	if isMissing(err) {
		return f, types.ArchitectureX8664, nil // deleted meanwhile: fetched clears up
	}
	if err != nil {
		return f, "", err
	}
	return f, c.Architectures[0], nil
}

// fetched notes how a fetch ended, in $LATEST and in a version published of it.
func (s *Service) fetched(ctx context.Context, f fetch, failure error) error {
	return s.Store.Update(ctx, f.Function.Scope, func(tx *store.Tx) error {
		if err := fetches.Delete(tx.In(eventScope), f.Function.arn()); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		d, err := functions.Get(tx, f.Function.Name)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.Value.settle(tx, f, failure) {
			if err := functions.Put(tx, d); err != nil {
				return err
			}
		}
		published, err := versions.List(tx, store.Query{Parent: parent(f.Function.Name)})
		for _, v := range published.Documents {
			if v.Value.settle(tx, f, failure) {
				err = errors.Join(err, versions.Put(tx, v))
			}
		}
		return err
	})
}

// settle makes a record that waits for f ready, or failed.
func (r *record) settle(tx *store.Tx, f fetch, failure error) bool {
	if r.Image == nil || r.Image.Pin != f.Pin || r.changeable() == nil {
		return false
	}
	c := &r.Config
	c.RevisionId = aws.String(tx.UUID())
	c.StateReason, c.StateReasonCode, c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = nil, "", nil, ""
	c.State, c.LastUpdateStatus = types.StateActive, types.LastUpdateStatusSuccessful
	switch {
	case failure == nil:
	case f.Former == nil:
		c.State, c.LastUpdateStatus = types.StateFailed, types.LastUpdateStatusFailed
		c.StateReason, c.StateReasonCode = aws.String(failure.Error()), types.StateReasonCodeInvalidImage
		c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = c.StateReason, types.LastUpdateStatusReasonCodeInvalidImage
	default:
		r.putImage(*f.Former)
		c.Architectures = f.Architecture
		c.LastUpdateStatus = types.LastUpdateStatusFailed
		c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = aws.String(failure.Error()), types.LastUpdateStatusReasonCodeInvalidImage
	}
	r.Deployment = tx.UUID()
	return true
}

// changeable refuses changes of a function that waits for its image (recorded texts).
func (r record) changeable() error {
	if r.Config.State == types.StatePending {
		return inState(types.StatePending)
	}
	if r.Config.LastUpdateStatus == types.LastUpdateStatusInProgress {
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", aws.ToString(r.Config.FunctionArn))
	}
	return nil
}

// invocable refuses to run a function that waits for its image or will never have it.
func (r record) invocable() error {
	if r.Config.State == types.StatePending || r.Config.State == types.StateFailed {
		return inState(r.Config.State)
	}
	return nil
}

func inState(state types.State) error {
	return conflict("The operation cannot be performed at this time. The function is currently in the following state: %s", state)
}

// restoreFetches goes on with what a former program was pulling.
func (s *Service) restoreFetches(ctx context.Context) {
	var arns []string
	err := s.Store.View(ctx, eventScope, func(tx *store.Tx) error {
		page, err := fetches.List(tx, store.Query{})
		for _, d := range page.Documents {
			arns = append(arns, d.ID)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("read which images an earlier run was pulling", "err", err)
	}
	for _, arn := range arns {
		s.events.work.Go(func() { s.fetch(ctx, arn) })
	}
}
