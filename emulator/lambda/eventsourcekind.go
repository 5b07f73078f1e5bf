package lambda

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/eventsource"
	"postern/emulator/lazyregexp"
	"postern/emulator/store"
)

// A sourceKind is what differs between event sources.
type sourceKind struct {
	service   string // in ARNs
	duplicate string // AWS's text (recorded), of source, function and UUID
}

func (k sourceKind) stream() bool { return k.service != "sqs" }

// eventSourcePattern are the ARNs of queues, streams of Kinesis and their consumers, and streams of tables.
var eventSourcePattern = lazyregexp.New(`^arn:aws[a-z-]*:(?:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(?:\.fifo)?|` +
	`kinesis:[a-z0-9-]+:\d{12}:stream/[A-Za-z0-9_.-]+(?:/consumer/[A-Za-z0-9_.-]+:\d+)?|` +
	`dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+/stream/[^/]+)$`)

// kindOf finds the kind of a source. Those that are not polled are refused.
func kindOf(in *sdk.CreateEventSourceMappingInput) (sourceKind, error) {
	arn := aws.ToString(in.EventSourceArn)
	service := strings.Split(arn+":::", ":")[2]
	switch {
	case in.SelfManagedEventSource != nil || service == "kafka" || service == "mq" || service == "rds":
		return sourceKind{}, notEmulated("An event source other than an SQS queue, a Kinesis stream or a DynamoDB stream")
	case !eventSourcePattern.MatchString(arn):
		return sourceKind{}, invalid("Unrecognized event source.")
	case service == "sqs":
		return sourceKind{service, "An event source mapping with SQS arn (\" %s \") and function (\" %s \") already exists. " +
			"Please update or delete the existing mapping with UUID %s"}, nil
	}
	return sourceKind{service, "The event source arn (\" %s \") and function (\" %s \") provided mapping already exists. " +
		"Please update or delete the existing mapping with UUID %s"}, nil
}

// check refuses what the kind does not have, and what is not emulated.
func (k sourceKind) check(in *sdk.CreateEventSourceMappingInput, now time.Time) error {
	for _, member := range []struct {
		name string
		sent bool
		has  bool
	}{
		{"ParallelizationFactor", aws.ToInt32(in.ParallelizationFactor) != 0, k.stream()},
		{"TumblingWindowInSeconds", aws.ToInt32(in.TumblingWindowInSeconds) != 0, k.stream()},
		{"BisectBatchOnFunctionError", aws.ToBool(in.BisectBatchOnFunctionError), k.stream()},
		{"MaximumRecordAgeInSeconds", in.MaximumRecordAgeInSeconds != nil, k.stream()},
		{"MaximumRetryAttempts", in.MaximumRetryAttempts != nil, k.stream()},
		{"DestinationConfig", onFailure(in.DestinationConfig) != "", k.stream()},
		{"DestinationConfig", in.DestinationConfig != nil && in.DestinationConfig.OnSuccess != nil, false},
		{"ScalingConfig", in.ScalingConfig != nil, !k.stream()},
		{"ProvisionedPollerConfig", in.ProvisionedPollerConfig != nil, !k.stream()},
		{"LoggingConfig", in.LoggingConfig != nil, false},
		{"AmazonManagedKafkaEventSourceConfig", in.AmazonManagedKafkaEventSourceConfig != nil, false},
		{"SelfManagedKafkaEventSourceConfig", in.SelfManagedKafkaEventSourceConfig != nil, false},
		{"DocumentDBEventSourceConfig", in.DocumentDBEventSourceConfig != nil, false},
		{"SourceAccessConfigurations", len(in.SourceAccessConfigurations) > 0, false},
		{"Queues", len(in.Queues) > 0, false},
		{"Topics", len(in.Topics) > 0, false},
	} {
		if member.sent && !member.has {
			return invalid("Unsupported %s parameter for given event source mapping type.", member.name)
		}
	}
	switch {
	case in.KMSKeyArn != nil:
		return notEmulated("KMSKeyArn")
	case in.ProvisionedPollerConfig != nil:
		return notEmulated("ProvisionedPollerConfig")
	case k.stream():
		return checkStart(k, in, now)
	case in.StartingPosition != "" || in.StartingPositionTimestamp != nil:
		return invalid("StartingPosition is not valid for SQS event sources.")
	}
	return nil
}

// defaults are AWS's (recorded).
func (k sourceKind) defaults() types.EventSourceMappingConfiguration {
	c := types.EventSourceMappingConfiguration{
		BatchSize: aws.Int32(10), MaximumBatchingWindowInSeconds: aws.Int32(0), FunctionResponseTypes: []types.FunctionResponseType{},
		StateTransitionReason: aws.String("USER_INITIATED"),
	}
	if k.stream() {
		streamDefaults(&c)
	}
	return c
}

// checkSettings is every test of a mapping that needs nothing stored.
func (k sourceKind) checkSettings(c types.EventSourceMappingConfiguration) error {
	var v violations
	v.between("batchSize", c.BatchSize, 1, 10000)
	v.between("maximumBatchingWindowInSeconds", c.MaximumBatchingWindowInSeconds, 0, 300)
	if c.ScalingConfig != nil {
		v.between("scalingConfig.maximumConcurrency", c.ScalingConfig.MaximumConcurrency, 2, 1000)
	}
	v.between("parallelizationFactor", c.ParallelizationFactor, 1, 10)
	v.between("tumblingWindowInSeconds", c.TumblingWindowInSeconds, 0, 900)
	v.between("maximumRecordAgeInSeconds", c.MaximumRecordAgeInSeconds, -1, 604800)
	v.between("maximumRetryAttempts", c.MaximumRetryAttempts, -1, 10000)
	if err := v.err(); err != nil {
		return err
	}
	check := checkQueue
	if k.stream() {
		check = checkStream
	}
	if err := check(c); err != nil {
		return err
	}
	if _, err := patterns(c.FilterCriteria); err != nil {
		return invalid("Invalid filter pattern definition.")
	}
	return nil
}

func checkQueue(c types.EventSourceMappingConfiguration) error {
	switch fifo := strings.HasSuffix(*c.EventSourceArn, ".fifo"); {
	case fifo && *c.BatchSize > 10:
		return invalid("Batch size must be less than or equal to 10 for FIFO queues.")
	case fifo && *c.MaximumBatchingWindowInSeconds > 0:
		return invalid("Batching window is not supported for FIFO queues.")
	case *c.BatchSize > 10 && *c.MaximumBatchingWindowInSeconds == 0:
		return invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
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

// mappable says that there is no such function, version or alias.
func mappable(tx *store.Tx, r ref) error {
	_, err := findVersion(tx, r)
	if isMissing(err) {
		return invalid("Function does not exist")
	}
	return err
}

// reachable asks for the source in the name of the function's role.
func (s *Service) reachable(ctx context.Context, m mapping) error {
	err := s.Store.View(ctx, m.Function.Scope, func(tx *store.Tx) error { return mappable(tx, m.Function) })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	if isStream(m.Config) {
		return s.reachStream(ctx, m)
	}
	p, err := s.queuePoller(m)
	if err != nil {
		return err
	}
	if _, err = p.URL(ctx); err == nil {
		return s.hiddenLongEnough(ctx, m, p.Visibility(ctx))
	}
	if strings.Contains(err.Error(), "NonExistentQueue") || strings.Contains(err.Error(), "QueueDoesNotExist") {
		return invalid("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. " +
			"SQS Error Message: The specified queue does not exist.")
	}
	return invalid("The queue cannot be reached: %v", err)
}

// hiddenLongEnough refuses a function that may run longer than the queue hides its messages, if the queue says.
func (s *Service) hiddenLongEnough(ctx context.Context, m mapping, hidden time.Duration) error {
	t, err := s.resolve(ctx, m.Function)
	if err != nil || hidden == 0 || t.main.Timeout <= hidden {
		return err
	}
	return invalid("Queue visibility timeout: %d seconds is less than Function timeout: %d seconds", int(hidden.Seconds()), int(t.main.Timeout.Seconds()))
}
