package firstclass

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/apigw/service"
)

// A Subtype is one action of one service.
type Subtype struct {
	Name               string   // "SQS-SendMessage"
	Required, Optional []string // parameters

	service string // as package service has it
	encode  func(values) (request, error)
}

// region is the parameter that every subtype takes: where the service is called.
const region = "Region"

// subtypes are those of the HTTP API guide, "Integration subtype reference" (read 2026-11), all in
// their version 1.0.
var subtypes = []Subtype{
	{
		Name: "EventBridge-PutEvents", service: "events", encode: putEvents,
		Required: []string{"Detail", "DetailType", "Source"},
		Optional: []string{"Time", "EventBusName", "Resources", region, "TraceHeader"},
	},
	{
		Name: "SQS-SendMessage", service: "sqs", encode: sendMessage,
		Required: []string{"QueueUrl", "MessageBody"},
		Optional: []string{"DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId", "MessageSystemAttributes", region},
	},
	{
		Name: "SQS-ReceiveMessage", service: "sqs", encode: receiveMessage,
		Required: []string{"QueueUrl"},
		Optional: []string{
			"AttributeNames", "MaxNumberOfMessages", "MessageAttributeNames", "ReceiveRequestAttemptId",
			"VisibilityTimeout", "WaitTimeSeconds", region,
		},
	},
	{
		Name: "SQS-DeleteMessage", service: "sqs", encode: deleteMessage,
		Required: []string{"ReceiptHandle", "QueueUrl"}, Optional: []string{region},
	},
	{
		Name: "SQS-PurgeQueue", service: "sqs", encode: purgeQueue,
		Required: []string{"QueueUrl"}, Optional: []string{region},
	},
	{
		Name: "AppConfig-GetConfiguration", service: "appconfig", encode: getConfiguration,
		Required: []string{"Application", "Environment", "Configuration", "ClientId"},
		Optional: []string{"ClientConfigurationVersion", region},
	},
	{
		Name: "Kinesis-PutRecord", service: "kinesis", encode: putRecord,
		Required: []string{"StreamName", "Data", "PartitionKey"},
		Optional: []string{"SequenceNumberForOrdering", "ExplicitHashKey", region},
	},
	{
		Name: "StepFunctions-StartExecution", service: "states", encode: execution("StartExecution"),
		Required: []string{"StateMachineArn"}, Optional: []string{"Name", "Input", region},
	},
	{
		Name: "StepFunctions-StartSyncExecution", service: "states", encode: execution("StartSyncExecution"),
		Required: []string{"StateMachineArn"}, Optional: []string{"Name", "Input", region, "TraceHeader"},
	},
	{
		Name: "StepFunctions-StopExecution", service: "states", encode: execution("StopExecution"),
		Required: []string{"ExecutionArn"}, Optional: []string{"Cause", "Error", region},
	},
}

// Find returns the subtype of a name, nil for none.
func Find(name string) *Subtype {
	if i := slices.IndexFunc(subtypes, func(s Subtype) bool { return s.Name == name }); i >= 0 {
		return &subtypes[i]
	}
	return nil
}

// Service is the one that is called.
func (s *Subtype) Service() service.Service { return service.Find(s.service) }

// Names are those of all subtypes, in the guide's order.
func Names() (names []string) {
	for _, s := range subtypes {
		names = append(names, s.Name)
	}
	return names
}

// Check says what is wrong with the names of an integration's request parameters: one that the
// subtype requires is missing, or it does not know one. What the values mean is httpapi.ParseRequest's.
func (s *Subtype) Check(parameters map[string]string) error {
	for _, name := range s.Required {
		if parameters[name] == "" {
			return fmt.Errorf("missing required parameter %s for integration subtype %s", name, s.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if !slices.Contains(s.Required, name) && !slices.Contains(s.Optional, name) {
			return fmt.Errorf("unrecognized parameter %s for integration subtype %s: it has %s",
				name, s.Name, strings.Join(append(slices.Clone(s.Required), s.Optional...), ", "))
		}
	}
	return nil
}
