package lambda

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const (
	maxSyncPayload   = 6 << 20
	maxAsyncPayload  = 1 << 20
	maxClientContext = 3583 // bytes of base64
)

// newPayload checks an invocation's event. An empty one is {}.
func newPayload(payload []byte, how types.InvocationType) ([]byte, error) {
	most := maxSyncPayload
	if how == types.InvocationTypeEvent {
		most = maxAsyncPayload
	}
	if len(payload) > most {
		return nil, tooLarge("%d byte payload is too large for the %s invocation type (limit %d bytes)", len(payload), how, most)
	}
	if len(payload) == 0 {
		return []byte("{}"), nil
	}
	if !json.Valid(payload) {
		return nil, invalidContent("Could not parse request body into json: Could not parse payload into json: %s", jacksonError(payload))
	}
	return payload, nil
}

func invalidContent(format string, args ...any) error {
	return &types.InvalidRequestContentException{Message: aws.String(fmt.Sprintf(format, args...)), Type: byUser}
}

// jacksonError says what is wrong with a document that is not JSON, in the words
// of the Java parser that Lambda uses. Only the text for a character that begins
// no value is recorded; the others are Jackson's for the common cases.
func jacksonError(doc []byte) string {
	const values = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
	var v any
	err := json.Unmarshal(doc, &v)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprint(err)
	}
	at := int(syntax.Offset) - 1
	if at < 0 || strings.HasPrefix(syntax.Error(), "unexpected end") {
		return "Unexpected end-of-input" + source(doc, len(doc))
	}
	if word, start := wordAt(doc, at); word != "" {
		return fmt.Sprintf("Unrecognized token '%s': was expecting %s", word, values) + source(doc, start+len(word))
	}
	return fmt.Sprintf("Unexpected character (%s): expected a valid value %s", describe(doc[at:]), values) + source(doc, at)
}

// wordAt is the identifier around an offset and where it begins, "" for none.
func wordAt(doc []byte, at int) (word string, start int) {
	start, end := at, at
	for start > 0 && isLetter(doc[start-1]) {
		start--
	}
	for end < len(doc) && isLetter(doc[end]) {
		end++
	}
	return string(doc[start:end]), start
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// describe is Jackson's name of the first character of b.
func describe(b []byte) string {
	c, size := utf8.DecodeRune(b)
	if c == utf8.RuneError && size <= 1 {
		c = rune(b[0]) // the recorded text shows the byte
	}
	if unicode.IsControl(c) {
		return fmt.Sprintf("(CTRL-CHAR, code %d)", c)
	}
	return fmt.Sprintf("'%c' (code %d)", c, c)
}

// source is the place, as Jackson writes it.
func source(doc []byte, offset int) string {
	before := string(doc[:min(offset, len(doc))])
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
	return fmt.Sprintf("\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]", line, column)
}

// newClientContext is the JSON that X-Amz-Client-Context carries in base64.
func newClientContext(header *string) (string, error) {
	text := aws.ToString(header)
	if text == "" {
		return "", nil
	}
	if len(text) > maxClientContext {
		return "", invalidContent("Client context must be no more than %d bytes long.", maxClientContext)
	}
	doc, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !json.Valid(doc) {
		return "", invalidContent("Client context must be a valid Base64-encoded JSON object.")
	}
	return string(doc), nil
}
