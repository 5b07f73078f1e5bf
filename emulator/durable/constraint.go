package durable

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"postern/emulator/lazyregexp"
	"postern/emulator/store"
	"postern/emulator/wire"
)

// The patterns of the API model (Lambda API reference, 2026).
var (
	executionPattern = lazyregexp.New(`^arn:([a-zA-Z0-9-]+):lambda:([a-zA-Z0-9-]+):(\d{12}):function:([a-zA-Z0-9_-]+):(\$LATEST(?:\.PUBLISHED)?|[0-9]+)/durable-execution/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)$`)
	namePattern      = lazyregexp.New(`^[a-zA-Z0-9-_]+$`)
	tokenPattern     = lazyregexp.New(`^[A-Za-z0-9+/]+={0,2}$`)
	labelPattern     = lazyregexp.New(`^[\x20-\x7E]+$`)
	printablePattern = lazyregexp.New(`^[\x21-\x7E]+$`)
	subTypePattern   = lazyregexp.New(`^[a-zA-Z-_]+$`)
)

// text requires a pattern and a length of what may be left out.
func (v *violations) text(member string, value *string, pattern lazyregexp.Regexp, most int) {
	if value == nil {
		return
	}
	v.Length(member, *value, 1, most)
	v.Pattern(member, *value, pattern)
}

func (v *violations) name(member string, value *string) { v.text(member, value, namePattern, 64) }

const (
	maxSeconds = 31622400 // a year
	maxItems   = 1000
	someItems  = 100 // where a client does not say how many
)

func (v *violations) seconds(member string, value *int32, least int) {
	if value != nil {
		v.Range(member, int(*value), least, maxSeconds)
	}
}

// update requires what the model does of an update.
func (v *violations) update(u types.OperationUpdate) {
	v.text("updates.id", u.Id, namePattern, 64)
	v.text("updates.parentId", u.ParentId, namePattern, 64)
	v.text("updates.name", u.Name, labelPattern, 256)
	v.text("updates.subType", u.SubType, subTypePattern, 32)
	if o := u.StepOptions; o != nil {
		v.seconds("updates.stepOptions.nextAttemptDelaySeconds", o.NextAttemptDelaySeconds, 1)
	}
	if o := u.WaitOptions; o != nil {
		v.seconds("updates.waitOptions.waitSeconds", o.WaitSeconds, 1)
	}
	if o := u.CallbackOptions; o != nil {
		v.seconds("updates.callbackOptions.timeoutSeconds", &o.TimeoutSeconds, 0)
		v.seconds("updates.callbackOptions.heartbeatTimeoutSeconds", &o.HeartbeatTimeoutSeconds, 0)
	}
}

// named is the execution that an ARN of the caller's account and region names.
func (e *Engine) named(ctx context.Context, arn *string) (key, error) {
	text := aws.ToString(arn)
	m := executionPattern.FindStringSubmatch(text)
	if m == nil {
		var v violations
		v.Pattern("durableExecutionArn", text, executionPattern)
		return key{}, v.err()
	}
	c := wire.CallerFrom(ctx)
	if m[2] != c.Region || m[3] != c.AccountID {
		return key{}, notFound()
	}
	return key{store.Scope{Account: m[3], Region: m[2]}, m[7]}, nil
}

// pageOf is the execution and how much of it a call asks for.
func (e *Engine) pageOf(ctx context.Context, arn *string, most int32) (key, int, error) {
	limit, err := Limit(most)
	if err != nil {
		return key{}, 0, err
	}
	k, err := e.named(ctx, arn)
	return k, limit, err
}

// Limit is how many items a page may have: 0 asks for the default.
func Limit(most int32) (int, error) {
	var v violations
	v.Range("maxItems", int(most), 0, maxItems)
	if most == 0 {
		most = someItems
	}
	return int(most), v.err()
}

// seal and unseal write the parts of a token as the model's pattern wants them.
func seal(parts ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "\n")))
}

func unseal(token string, n int) []string {
	b, err := base64.StdEncoding.DecodeString(token)
	if parts := strings.Split(string(b), "\n"); err == nil && len(parts) == n {
		return parts
	}
	return nil
}
