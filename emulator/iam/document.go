package iam

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	rules "postern/apigw/policy"
)

// A statement is what is looked at in a statement of a policy document.
type statement struct {
	Effect                  string
	Action, NotAction       json.RawMessage
	Resource, NotResource   json.RawMessage
	Principal, NotPrincipal json.RawMessage
}

// checkTrust checks who-may-assume documents.
func checkTrust(document string) error {
	return checkDocument(document, func(s statement) string {
		switch {
		case s.Resource != nil || s.NotResource != nil:
			return "Has prohibited field Resource"
		case s.Principal == nil && s.NotPrincipal == nil:
			return "Missing required field Principal"
		case s.Action == nil && s.NotAction == nil:
			return "Missing required field Action"
		}
		return ""
	})
}

// checkPolicy checks documents of permissions.
func checkPolicy(document string) error {
	return checkDocument(document, func(s statement) string {
		switch {
		case s.Principal != nil || s.NotPrincipal != nil:
			return "Policy document should not specify a principal."
		case s.Action == nil && s.NotAction == nil:
			return "Policy statement must contain actions."
		case s.Resource == nil && s.NotResource == nil:
			return "Policy statement must contain resources."
		}
		return ""
	})
}

func checkDocument(document string, problem func(statement) string) error {
	if !json.Valid([]byte(document)) {
		return malformed("This policy contains invalid Json")
	}
	var d struct {
		Version   string
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(document), &d) != nil {
		return malformed("Syntax errors in policy.")
	}
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return malformed("The policy must contain a valid version string")
	}
	var statements []statement
	if json.Unmarshal(d.Statement, &statements) != nil {
		statements = make([]statement, 1) // a single one needs no list
		if json.Unmarshal(d.Statement, &statements[0]) != nil {
			return malformed("Syntax errors in policy.")
		}
	}
	for _, s := range statements {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return malformed("Syntax errors in policy.")
		}
		if p := problem(s); p != "" {
			return malformed(p)
		}
	}
	if _, err := rules.Parse([]byte(document)); err != nil {
		return malformed("Syntax errors in policy.")
	}
	return nil
}

func malformed(message string) error {
	return &types.MalformedPolicyDocumentException{Message: aws.String(message)}
}
