package wire

import "reflect"

// A table is what the SDK's source says of one service's wire format; gen writes
// them.
type table struct {
	service, signing string
	protocol         protocol
	version          string // of the Query API
	target           string // prefix of X-Amz-Target
	lowerFirst       bool   // JSON members start with a lower-case letter
	times            timeForm
	operations       []spec
	names            []text       // members that do not follow the rule: "Type.Field" → name
	timeFormats      []timeFormat // timestamps that do not have the service's form
	eventPayloads    []string
	required         []list // Go type → fields
	enums            []list // Go type → values
	unions           func() []unionMember
	errors           []exception
}

type protocol int

const (
	restJSON protocol = iota
	json11
	awsQuery
)

type timeForm int

const (
	epoch timeForm = iota
	iso8601
)

// A spec is one operation.
type spec struct {
	name, method, uri string
	status            int // 0: see status.go
	in, out           []binding
	stream            bool // the output is an event stream
}

// A binding says where outside the body a field of an input or output stands.
type binding struct {
	field string
	kind  place
	name  string
}

type place int

const (
	label place = iota
	query
	queryMap
	header
	payload
	statusCode
)

type (
	text       struct{ key, name string }
	timeFormat struct {
		key  string
		form timeForm
	}
	list struct {
		name   string
		values []string
	}
	unionMember struct {
		shape, name string
		goType      reflect.Type
	}
	exception struct {
		goType, code string
		status       int
		server       bool
		headers      []binding
	}
)

// tables are those of all services that can be routed to.
var tables = []*table{
	&tableApigateway, &tableApigatewayv2, &tableApigatewaymanagementapi, &tableLambda,
	&tableAcm, &tableIam, &tableSts, &tableCloudwatchlogs,
}

// tableOf finds a service's table by the SDK's package name.
func tableOf(service string) *table {
	for _, t := range tables {
		if t.service == service || t.service == "cloudwatchlogs" && service == "logs" {
			return t
		}
	}
	return nil
}
