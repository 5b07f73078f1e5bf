package compile

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// function finds the function in an integration's URI, which may have stage variables
// in it. Its forms are
//
//	arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations
//	arn:aws:apigateway:{region}:lambda:action/Invoke&FunctionName={function}&Qualifier={alias}
func (c *compiler) function(uri string) (string, error) {
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return "", fmt.Errorf("%q is not the ARN of an AWS service integration", uri)
	}
	service, target := parts[4], parts[5]
	if i := strings.LastIndexByte(service, '.'); i >= 0 {
		service = service[i+1:]
	}
	if service != "lambda" {
		return "", fmt.Errorf("integrations with the AWS service %q are not emulated yet", service)
	}
	function, err := functionName(target)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(function, "arn:") || strings.HasPrefix(function, "${") {
		return function, nil
	}
	return "arn:aws:lambda:" + parts[3] + ":" + c.def.AccountID + ":function:" + function, nil
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
