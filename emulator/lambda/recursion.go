package lambda

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/eventsource"
	"postern/emulator/store"
)

// AWS counts in the trace header how often a function was invoked in a chain of requests: its part Lineage is a list
// of hashes of functions, each with a number, "a87bd80c:1|68fd508a:5" (X-Ray Developer Guide, "Tracing header"). SDKs in
// functions send the header on. The chain ends after about 16 invocations of one function (Lambda Developer Guide, "Use
// Lambda recursive loop detection"). How AWS makes the hash, and whether the first number is 0, is not documented.
const (
	lineagePart    = ";Lineage="
	maxInvocations = 16 // of one function in a chain
)

// errRecursive ends a chain. Messages of a queue that are refused so come again until the queue gives them up, and go to its own
// dead-letter queue (the same page); an asynchronous event goes where the function's failures go.
var errRecursive = fmt.Errorf("%w: it was invoked in a recursive loop", eventsource.ErrRefused)

// lineageOf is the hash of a function, by its unqualified ARN.
func lineageOf(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return hex.EncodeToString(sum[:4])
}

// trace is the header that the target's function gets for one that came with a request: it counts one more, and is decided about
// sampling.
func (t *target) trace(header string) (string, error) {
	if !strings.Contains(header, ";Sampled=") {
		header += t.sampling
	}
	at := strings.Index(header, lineagePart)
	if at < 0 {
		return header + t.first, nil
	}
	rest, tail := header[at+len(lineagePart):], ""
	if end := strings.IndexByte(rest, ';'); end >= 0 {
		rest, tail = rest[:end], rest[end:]
	}
	chain := strings.Split(rest, "|")
	for i, link := range chain {
		hash, count, _ := strings.Cut(link, ":")
		if hash != t.lineage {
			continue
		}
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 { // somebody's own idea of it
			n = 0
		}
		if n++; n >= maxInvocations && !t.loops {
			return "", errRecursive
		}
		chain[i] = hash + ":" + strconv.Itoa(n)
		return header[:at] + lineagePart + strings.Join(chain, "|") + tail, nil
	}
	return header[:at] + lineagePart + rest + "|" + t.lineage + ":0" + tail, nil
}

// unchained is a trace header without its lineage: that of a service between functions through which AWS does not follow them.
func unchained(header string) string {
	before, rest, found := strings.Cut(header, lineagePart)
	if !found {
		return header
	}
	if end := strings.IndexByte(rest, ';'); end >= 0 {
		return before + rest[end:]
	}
	return before
}

// sentTrace is the trace header that came with the messages of a batch from SQS, the longest chain of them; else a new one.
func sentTrace(event []byte) string {
	if !bytes.Contains(event, []byte(`"AWSTraceHeader"`)) {
		return newTraceID()
	}
	var batch struct {
		Records []struct {
			Attributes struct{ AWSTraceHeader string }
		}
	}
	if err := json.Unmarshal(event, &batch); err != nil {
		return newTraceID() // it is the word in a message
	}
	header, most := "", -1
	for _, r := range batch.Records {
		if n := longest(r.Attributes.AWSTraceHeader); r.Attributes.AWSTraceHeader != "" && n > most {
			header, most = r.Attributes.AWSTraceHeader, n
		}
	}
	if header == "" {
		return newTraceID()
	}
	return header
}

// longest is the highest number in a header's lineage.
func longest(header string) (most int) {
	_, rest, _ := strings.Cut(header, lineagePart)
	rest, _, _ = strings.Cut(rest, ";")
	for link := range strings.SplitSeq(rest, "|") {
		if n, err := strconv.Atoi(link[strings.IndexByte(link, ':')+1:]); err == nil {
			most = max(most, n)
		}
	}
	return most
}

func recursive() error {
	return &types.RecursiveInvocationException{
		Message: aws.String("Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources " +
			"and stopped your function's invocation."),
		Type: byUser,
	}
}

// PutFunctionRecursionConfig says whether a function's recursive loops are ended.
func (s *Service) PutFunctionRecursionConfig(ctx context.Context, in *sdk.PutFunctionRecursionConfigInput) (*sdk.PutFunctionRecursionConfigOutput, error) {
	r, err := writeRef(ctx, "lambda:PutFunctionRecursionConfig", in.FunctionName)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if err != nil {
			return err
		}
		d.Value.RecursiveLoop = in.RecursiveLoop
		return functions.Put(tx, d)
	})
	if err != nil {
		return nil, err
	}
	s.changed(r)
	return &sdk.PutFunctionRecursionConfigOutput{RecursiveLoop: in.RecursiveLoop}, nil
}

// GetFunctionRecursionConfig says whether a function's recursive loops are ended, which they are unless somebody allowed them.
func (s *Service) GetFunctionRecursionConfig(ctx context.Context, in *sdk.GetFunctionRecursionConfigInput) (*sdk.GetFunctionRecursionConfigOutput, error) {
	r, err := writeRef(ctx, "lambda:GetFunctionRecursionConfig", in.FunctionName)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetFunctionRecursionConfigOutput{RecursiveLoop: types.RecursiveLoopTerminate}
	err = s.Store.View(ctx, r.Scope, func(tx *store.Tx) error {
		d, err := findFunction(tx, r)
		if d.Value.RecursiveLoop != "" {
			out.RecursiveLoop = d.Value.RecursiveLoop
		}
		return err
	})
	return out, err
}
