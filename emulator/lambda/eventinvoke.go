package lambda

import (
	"cmp"
	"context"
	"errors"
	"postern/emulator/lazyregexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/store"
)

// eventInvokes are the settings of asynchronous invocations, by eventInvokeID. They hang from the function.
var eventInvokes = store.Kind[types.FunctionEventInvokeConfig]{Service: "lambda", Name: "eventinvoke"}

// eventInvokeID is the id of the settings of what r names: without a qualifier, of $LATEST.
func eventInvokeID(r ref) string { return aliasID(r.Name, qualified(r).Qualifier) }

// qualified is r with the qualifier that an invocation without one means.
func qualified(r ref) ref {
	if r.Qualifier == "" {
		return r.at(latest)
	}
	return r
}

// maxEventAgeSeconds is the default and the largest MaximumEventAgeInSeconds.
const maxEventAgeSeconds = int(maxEventAge / time.Second)

// PutFunctionEventInvokeConfig sets how events of a function, version or alias are tried again and where
// it is told what became of them, in place of what was set before.
func (s *Service) PutFunctionEventInvokeConfig(ctx context.Context, in *sdk.PutFunctionEventInvokeConfigInput) (*sdk.PutFunctionEventInvokeConfigOutput, error) {
	asked := types.FunctionEventInvokeConfig{
		MaximumRetryAttempts: in.MaximumRetryAttempts, MaximumEventAgeInSeconds: in.MaximumEventAgeInSeconds, DestinationConfig: in.DestinationConfig,
	}
	c, err := s.putEventInvoke(ctx, in.FunctionName, in.Qualifier, asked, false)
	if err != nil {
		return nil, err
	}
	return answer[sdk.PutFunctionEventInvokeConfigOutput](c), nil
}

// UpdateFunctionEventInvokeConfig changes what the input has.
func (s *Service) UpdateFunctionEventInvokeConfig(ctx context.Context, in *sdk.UpdateFunctionEventInvokeConfigInput) (*sdk.UpdateFunctionEventInvokeConfigOutput, error) {
	asked := types.FunctionEventInvokeConfig{
		MaximumRetryAttempts: in.MaximumRetryAttempts, MaximumEventAgeInSeconds: in.MaximumEventAgeInSeconds, DestinationConfig: in.DestinationConfig,
	}
	c, err := s.putEventInvoke(ctx, in.FunctionName, in.Qualifier, asked, true)
	if err != nil {
		return nil, err
	}
	return answer[sdk.UpdateFunctionEventInvokeConfigOutput](c), nil
}

// putEventInvoke stores settings: over what is there, which has to be there then, or in its place.
func (s *Service) putEventInvoke(ctx context.Context, name, qualifier *string, asked types.FunctionEventInvokeConfig, over bool) (c types.FunctionEventInvokeConfig, err error) {
	r, err := readRef(ctx, "lambda:PutFunctionEventInvokeConfig", name, qualifier)
	if err != nil {
		return c, err
	}
	if err := checkEventInvoke(asked); err != nil {
		return c, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		version, err := findVersion(tx, r)
		if err != nil {
			return eventInvokeMissing(err)
		}
		if err := cmp.Or(checkDestinations(tx, r, asked), checkDurableDestination(version.Config, asked)); err != nil {
			return err
		}
		if over {
			was, err := getEventInvoke(tx, r)
			if err != nil {
				return err
			}
			asked = merged(was, asked)
		}
		asked.FunctionArn, asked.LastModified = aws.String(qualified(r).arn()), aws.Time(tx.Now())
		asked.DestinationConfig = filledDestinations(asked.DestinationConfig)
		c = asked
		return eventInvokes.Put(tx, store.Document[types.FunctionEventInvokeConfig]{ID: eventInvokeID(r), Name: r.Name, Parent: parent(r.Name), Value: c})
	})
	if err == nil {
		s.changed(r)
	}
	return c, err
}

// eventInvokeMissing is how these operations say that there is no function.
func eventInvokeMissing(err error) error {
	if isMissing(err) {
		return notFound("The function doesn't exist.")
	}
	return err
}

func merged(was, asked types.FunctionEventInvokeConfig) types.FunctionEventInvokeConfig {
	set(&was.MaximumRetryAttempts, asked.MaximumRetryAttempts)
	set(&was.MaximumEventAgeInSeconds, asked.MaximumEventAgeInSeconds)
	if d := asked.DestinationConfig; d != nil {
		if d.OnSuccess != nil {
			was.DestinationConfig.OnSuccess = d.OnSuccess
		}
		if d.OnFailure != nil {
			was.DestinationConfig.OnFailure = d.OnFailure
		}
	}
	return was
}

// filledDestinations has both members, as in AWS's answers (recorded).
func filledDestinations(d *types.DestinationConfig) *types.DestinationConfig {
	out := &types.DestinationConfig{OnFailure: &types.OnFailure{}, OnSuccess: &types.OnSuccess{}}
	if d != nil && d.OnFailure != nil {
		out.OnFailure = d.OnFailure
	}
	if d != nil && d.OnSuccess != nil {
		out.OnSuccess = d.OnSuccess
	}
	return out
}

// checkEventInvoke is every test that needs no stored function.
func checkEventInvoke(c types.FunctionEventInvokeConfig) error {
	if c.MaximumRetryAttempts == nil && c.MaximumEventAgeInSeconds == nil && c.DestinationConfig == nil {
		return invalid("You must specify at least one of error handling or destination setting.")
	}
	var v violations
	v.between("maximumRetryAttempts", c.MaximumRetryAttempts, 0, 2)
	v.between("maximumEventAgeInSeconds", c.MaximumEventAgeInSeconds, 60, maxEventAgeSeconds)
	success, failure := destinations(&c)
	v.check("destinationConfig.onSuccess.destination", &success, destinationPattern, maxDestination)
	v.check("destinationConfig.onFailure.destination", &failure, destinationPattern, maxDestination)
	return v.err()
}

const maxDestination = 350

// destinationPattern is the model's; eventTargets are the services that there are for it, of which a bucket takes
// failures only (Developer Guide, "Adding a destination").
var (
	destinationPattern = newPattern(`$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`)
	eventTargets       = lazyregexp.New(`^arn:aws[a-z-]*:(sqs:[^:]+:\d{12}:[^:]+|sns:[^:]+:\d{12}:[^:]+|lambda:[^:]+:\d{12}:function:.+|events:[^:]+:\d{12}:event-bus/.+)$`)
	failureTargets     = lazyregexp.New(`^arn:aws[a-z-]*:s3:::.+$`)
)

// checkDestinations tests who is to be told. The texts are recorded.
func checkDestinations(tx *store.Tx, r ref, c types.FunctionEventInvokeConfig) error {
	success, failure := destinations(&c)
	switch {
	case success != "" && !eventTargets.MatchString(success):
		return invalid("The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=%s), onFailure=null) is invalid.", success)
	case failure != "" && !eventTargets.MatchString(failure) && !failureTargets.MatchString(failure):
		return invalid("The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=%s)) is invalid.", failure)
	}
	return cmp.Or(checkFunctionTarget(tx, r, success), checkFunctionTarget(tx, r, failure))
}

// checkFunctionTarget refuses a function that is not there, and the one that is to be set.
func checkFunctionTarget(tx *store.Tx, r ref, arn string) error {
	to, err := splitName(arn, r.Scope)
	if !strings.Contains(arn, ":lambda:") || err != nil {
		return nil
	}
	if to.function() == r.function() {
		return invalid("You can't specify the function as a destination for itself.")
	}
	_, err = findVersion(tx.In(to.Scope), to)
	if isMissing(err) {
		return invalid("The destination ARN %s is invalid.", arn)
	}
	return err
}

// destinations are the ARNs that are told of success and of failure, "" for none.
func destinations(c *types.FunctionEventInvokeConfig) (success, failure string) {
	if c == nil || c.DestinationConfig == nil {
		return "", ""
	}
	if d := c.DestinationConfig.OnSuccess; d != nil {
		success = aws.ToString(d.Destination)
	}
	if d := c.DestinationConfig.OnFailure; d != nil {
		failure = aws.ToString(d.Destination)
	}
	return success, failure
}

// getEventInvoke reads the settings of what r names.
func getEventInvoke(tx *store.Tx, r ref) (types.FunctionEventInvokeConfig, error) {
	d, err := eventInvokes.Get(tx, eventInvokeID(r))
	if errors.Is(err, store.ErrNotFound) {
		err = notFound("The function %s doesn't have an EventInvokeConfig", qualified(r).arn())
	}
	return d.Value, err
}

// findEventInvoke is getEventInvoke for who has defaults: nil where nothing is set.
func findEventInvoke(tx *store.Tx, r ref) (*types.FunctionEventInvokeConfig, error) {
	d, err := eventInvokes.Get(tx, eventInvokeID(r))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &d.Value, err
}

// GetFunctionEventInvokeConfig reads the settings of a function, version or alias.
func (s *Service) GetFunctionEventInvokeConfig(ctx context.Context, in *sdk.GetFunctionEventInvokeConfigInput) (*sdk.GetFunctionEventInvokeConfigOutput, error) {
	r, err := readRef(ctx, "lambda:GetFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	var c types.FunctionEventInvokeConfig
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		c, err = getEventInvoke(tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer[sdk.GetFunctionEventInvokeConfigOutput](c), nil
}

// DeleteFunctionEventInvokeConfig ends the settings of a function, version or alias.
func (s *Service) DeleteFunctionEventInvokeConfig(ctx context.Context, in *sdk.DeleteFunctionEventInvokeConfigInput) (*sdk.DeleteFunctionEventInvokeConfigOutput, error) {
	r, err := readRef(ctx, "lambda:DeleteFunctionEventInvokeConfig", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := getEventInvoke(tx, r); err != nil {
			return err
		}
		return eventInvokes.Delete(tx, eventInvokeID(r))
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	return &sdk.DeleteFunctionEventInvokeConfigOutput{}, nil
}

// ListFunctionEventInvokeConfigs lists the settings of a function's versions and aliases.
func (s *Service) ListFunctionEventInvokeConfigs(ctx context.Context, in *sdk.ListFunctionEventInvokeConfigsInput) (*sdk.ListFunctionEventInvokeConfigsOutput, error) {
	r, err := writeRef(ctx, "lambda:ListFunctionEventInvokeConfigs", in.FunctionName)
	if err != nil {
		return nil, err
	}
	limit, err := shortPageLimit(in.MaxItems)
	if err != nil {
		return nil, err
	}
	all := []types.FunctionEventInvokeConfig{}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		if _, err := findFunction(tx, r); err != nil {
			return eventInvokeMissing(err)
		}
		p, err := eventInvokes.List(tx, store.Query{Parent: parent(r.Name)})
		for _, d := range p.Documents {
			all = append(all, d.Value)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := page(all, limit, aws.ToString(in.Marker), func(c types.FunctionEventInvokeConfig) string { return *c.FunctionArn })
	return &sdk.ListFunctionEventInvokeConfigsOutput{FunctionEventInvokeConfigs: list, NextMarker: next}, nil
}
