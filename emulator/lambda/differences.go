package lambda

// differences is how operations differ from AWS's; one that is not here answers as AWS does, as far as is
// known.
var differences = map[string]string{
	"AddLayerVersionPermission":       "nobody belongs to an organization: a statement for one shares with nobody",
	"CreateEventSourceMapping":        "SQS queues at a configured endpoint (`--service-endpoint sqs=`), which has to know the queue; polled when it returns; streams, Kafka, MQ and DocumentDB are refused",
	"CreateFunction":                  "Active when next looked at; layers of processes are at `$POSTERN_OPT`, not in /opt; images are any that the Docker engine has or can pull, and of the function's architecture; VPCs, file systems, keys, SnapStart, signing and durable functions are refused",
	"CreateFunctionUrlConfig":         "the URL is one that Postern answers at: http://{id}.lambda-url.{region}.localhost:4566/, also /_aws/lambda-url/{id}/; the function's tag `_custom_id_` chooses the id",
	"GetAccountSettings":              "AWS's default quotas",
	"GetFunctionCodeSigningConfig":    "there is none",
	"GetLayerVersion":                 "layers are those published here, by whatever account; AWS's own are not there; another region's are as if not there",
	"GetLayerVersionByArn":            "as GetLayerVersion",
	"Invoke":                          "without a reservation a call waits for one of the pool's sandboxes instead of being throttled at 1000; an invocation whose caller has left does not count against a reservation",
	"PublishLayerVersion":             "from S3 comes only a live layer (`hot-reload`), which has no size; an architecture that is none is reported without what else is wrong",
	"PutFunctionEventInvokeConfig":    "whether the role may send is not checked; destinations other than functions need an endpoint (`--service-endpoint`), and what cannot be sent is lost and logged",
	"PutProvisionedConcurrencyConfig": "READY when the sandboxes are started, before their init phase has ended; they count against `--max-sandboxes`",
	"UpdateFunctionCode":              "while an image is pulled invocations wait for it instead of running the former one",
	"UpdateFunctionConfiguration":     "done when it returns; see CreateFunction",
}
