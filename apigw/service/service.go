package service

import "strings"

// A Service is what has to be known of an AWS service to call it.
type Service struct {
	Name    string // in URIs of integrations, and the first label of its host: "states"
	ID      string // the SDKs': "SFN"
	Signing string // in the scope of signatures
	// Target is what comes before the dot in X-Amz-Target, of services that speak JSON.
	Target string
	JSON   string // "1.0" or "1.1"; "" for services that do not speak JSON
	// Version is the API version of services that speak the Query protocol.
	Version string
	// Beside is the service at whose endpoint this one answers too, as emulators and DynamoDB Local do it.
	Beside string
}

// Find returns the service of a name as integration URIs, SDKs or users write it: "states",
// "sfn" and "stepfunctions" are one. Of a service that is not known the name is all there is.
func Find(name string) Service {
	key := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
	if s, ok := byKey[key]; ok {
		return s
	}
	return Service{Name: strings.ToLower(name), ID: name, Signing: strings.ToLower(name)}
}

// ContentType is the service's own for requests in JSON, "" for none.
func (s Service) ContentType() string {
	if s.JSON == "" {
		return ""
	}
	return "application/x-amz-json-" + s.JSON
}

// EndpointVariable is the environment variable that tells SDKs where the service answers.
func (s Service) EndpointVariable() string {
	return "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(s.ID))
}

// byKey finds services by name, id and nickname, without blanks, hyphens and underscores.
var byKey = index()

func index() map[string]Service {
	short := strings.NewReplacer(" ", "", "-", "")
	all := map[string]Service{}
	for _, s := range services {
		all[strings.ToLower(short.Replace(s.ID))] = s
	}
	for _, s := range services {
		all[short.Replace(s.Name)] = s
	}
	for nickname, name := range nicknames {
		all[nickname] = all[short.Replace(name)]
	}
	return all
}

var nicknames = map[string]string{
	"stepfunctions": "states", "cloudwatchevents": "events", "cloudwatch": "monitoring",
	"cloudwatchlogs": "logs", "cognito": "cognito-idp", "ses": "email", "systemsmanager": "ssm",
}
