package lambda

// differences is how operations differ from AWS's; one that is not here answers as AWS does, as far as is
// known.
var differences = map[string]string{
	"AddLayerVersionPermission":       "nobody belongs to an organization: a statement for one shares with nobody",
	"AddPermission":                   "nobody belongs to an organization, and no invocation comes with an EventSourceToken: a statement that asks for either is stored, and allows nothing",
	"CheckpointDurableExecution":      "texts of refusals are those of AWS's testing library or unverified; CANCEL of callbacks and chained invocations leaves no event; chained invocations with a tenant are refused",
	"CreateCodeSigningConfig":         "there is no AWS Signer and no signature is verified: code here counts as signed by none of the profiles. Enforce refuses to deploy it, Warn logs it",
	"CreateEventSourceMapping":        "sources at a configured endpoint (`--service-endpoint sqs=`, `kinesis=`, `dynamodbstreams=` or `dynamodb=`), which has to know them; polled when it returns; a queue that tells its VisibilityTimeout is asked for it then, but not by updates; more batches of a queue at once than `--max-sandboxes` wait for a sandbox; consumers of Kinesis are read as their stream; MetricsConfig has no effect; Kafka, MQ and DocumentDB, keys, provisioned pollers, Kafka topics as destinations, and TumblingWindowInSeconds with a ParallelizationFactor of more than 1 are refused; the texts about a StartingPositionTimestamp that is missing or to come, a MaximumRecordAgeInSeconds below 60 and members that a source does not have are ours",
	"CreateFunction":                  "Active when next looked at; a bucket may be in any region, and S3ObjectStorageMode is COPY; layers of processes are at `$POSTERN_OPT`, not in /opt; images are any that the Docker engine has or can pull, and of the function's architecture; subnets and security groups count as there, all of one VPC, by the form of their ids, and a network is what --docker-network says; keys encrypt nothing; snapshots of SnapStart are none, and its errors but for the runtime are ours; file systems, tenants, and keys of durable functions are refused",
	"CreateFunctionUrlConfig":         "the URL is one that Postern answers at: http://{id}.lambda-url.{region}.localhost:4566/, also /_aws/lambda-url/{id}/; the function's tag `_custom_id_` chooses the id; errors about items of Cors are in the form of those about other lists",
	"DeleteCodeSigningConfig":         "the error's text for one in use is ours",
	"DeleteFunction":                  "executions of a durable function go with it at once, where AWS drains them first",
	"GetAccountSettings":              "AWS's default quotas",
	"GetDurableExecutionHistory":      "markers do not expire; events are never truncated",
	"GetLayerVersion":                 "layers are those published here, by whatever account; AWS's own are not there; another region's are as if not there",
	"GetLayerVersionByArn":            "as GetLayerVersion",
	"Invoke":                          "a durable function: no log tail, and its invocations are retried after 1, 2, 4 and so on to 300 seconds; without a reservation a call waits for one of the pool's sandboxes instead of being throttled at 1000",
	"PublishLayerVersion":             "a live layer (`hot-reload`) has no size; S3 as for CreateFunction; an architecture that is none is reported without what else is wrong",
	"PutFunctionEventInvokeConfig":    "whether the role may send is not checked; destinations other than functions and buckets need an endpoint (`--service-endpoint`), and what cannot be sent is lost and logged",
	"PutFunctionRecursionConfig":      "loops are followed through Invoke and SQS queues, by the header that SDKs in functions send on; a destination is told RetriesExhausted of one that was ended; the log stands in for AWS's notices",
	"PutProvisionedConcurrencyConfig": "they count against `--max-sandboxes`",
	"PutRuntimeManagementConfig":      "there is one version of each runtime, the one that RuntimeVersionConfig shows; each published version begins with Auto; the errors' texts are ours",
	"TagResource":                     "the text about keys that begin with aws: is ours",
	"UpdateEventSourceMapping":        "done when it returns; see CreateEventSourceMapping",
	"UpdateFunctionCode":              "S3 as for CreateFunction; while an image is pulled invocations wait for it instead of running the former one",
	"UpdateFunctionConfiguration":     "done when it returns; see CreateFunction",
}
