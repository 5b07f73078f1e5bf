package integration

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"postern/apigw/jsonschema"
)

// walkAtMost is the longest document that is decoded by walking it, in bytes. Each level is walked
// again for the next one, so that a long one could be made to take very long.
const walkAtMost = 2 << 10

// decodeJSON makes of a document what schemas are checked with: encoding/json's types, numbers as
// they were written. Small documents, as most bodies are, take a quarter of the time of a json.Decoder.
func decodeJSON(doc []byte) (any, error) {
	if len(doc) > walkAtMost || !utf8.Valid(doc) || !json.Valid(doc) {
		return jsonschema.Decode(doc)
	}
	return decodeValid(bytes.TrimSpace(doc)), nil
}

// decodeValid decodes a value that is valid JSON, without blanks around it.
func decodeValid(doc []byte) any {
	switch doc[0] {
	case '{':
		members := map[string]any{}
		EachMember(doc, func(key string, value []byte) error {
			members[key] = decodeValid(value)
			return nil
		})
		return members
	case '[':
		elements := []any{}
		EachElement(doc, func(value []byte) error {
			elements = append(elements, decodeValid(value))
			return nil
		})
		return elements
	case '"':
		return Unquote(doc)
	case 't', 'f':
		return doc[0] == 't'
	case 'n':
		return nil
	}
	return json.Number(doc)
}
