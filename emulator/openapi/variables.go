package openapi

import "strings"

// Variables are what documents may name and an import fills in (REST API guide, "AWS variables for
// OpenAPI import"; HTTP APIs have the same).
type Variables struct{ AccountID, Partition, Region string }

// Fill is a document with the values of the variables that it names.
func (v Variables) Fill(body []byte) []byte {
	values := strings.NewReplacer("${AWS::AccountId}", v.AccountID, "${AWS::Partition}", v.Partition, "${AWS::Region}", v.Region)
	return []byte(values.Replace(string(body)))
}
