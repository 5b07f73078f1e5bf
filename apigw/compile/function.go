package compile

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"postern/apigw/integration"
)

// function finds the function in an integration's URI, which may have stage variables
// in it. Its forms are
//
//	arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations
//	arn:aws:apigateway:{region}:lambda:action/Invoke&FunctionName={function}&Qualifier={alias}
func (b *builder) function(uri string) (string, error) {
	u, err := integration.SplitURI(uri)
	if err != nil {
		return "", err
	}
	if u.Service != "lambda" {
		return "", fmt.Errorf("the AWS service %q runs no functions", u.Service)
	}
	function, err := functionName(u.Rest)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(function, "arn:") || strings.HasPrefix(function, "${") {
		return function, nil
	}
	return "arn:aws:lambda:" + u.Region + ":" + b.accountID + ":function:" + function, nil
}

// functionName reads the part of the URI that follows the service.
func functionName(target string) (string, error) {
	if path, ok := strings.CutPrefix(target, "path/"); ok {
		_, name, ok := strings.Cut(path, "/functions/")
		for _, verb := range []string{"/invocations", "/response-streaming-invocations"} {
			if function, found := strings.CutSuffix(name, verb); ok && found && function != "" {
				return function, nil
			}
		}
		return "", fmt.Errorf("%q is not the invocation of a function", target)
	}
	parameters, ok := strings.CutPrefix(target, "action/Invoke")
	if !ok {
		return "", fmt.Errorf("%q is not the invocation of a function", target)
	}
	return functionParameter(strings.TrimLeft(parameters, "?&"))
}

func functionParameter(parameters string) (string, error) {
	query, err := url.ParseQuery(parameters)
	if err != nil {
		return "", err
	}
	name := query.Get("FunctionName")
	if name == "" {
		return "", errors.New("the action Invoke has no FunctionName")
	}
	if qualifier := query.Get("Qualifier"); qualifier != "" {
		name += ":" + qualifier
	}
	return name, nil
}
