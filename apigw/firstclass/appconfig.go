package firstclass

import (
	"net/url"

	"postern/apigw"
)

// getConfiguration asks AppConfig for a configuration, whose content is the answer's body.
// (AWS AppConfig API reference, GetConfiguration, read 2026-11.)
func getConfiguration(v values) (request, error) {
	r := request{verb: "GET", query: apigw.Params{{Name: "client_id", Values: []string{v["ClientId"]}}}}
	r.path = "/applications/" + url.PathEscape(v["Application"]) + "/environments/" + url.PathEscape(v["Environment"]) +
		"/configurations/" + url.PathEscape(v["Configuration"])
	if version, ok := v["ClientConfigurationVersion"]; ok {
		r.query = append(r.query, apigw.Param{Name: "client_configuration_version", Values: []string{version}})
	}
	return r, nil
}
