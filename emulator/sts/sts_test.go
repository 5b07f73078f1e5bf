package sts

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"postern/emulator/store"
	"postern/emulator/wire"
)

func newService(t *testing.T) (*Service, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	clock := func() time.Time { return now }
	st, err := store.Open(context.Background(), store.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return New(Options{Store: st, Now: clock}), &now
}

func as(account, key string) context.Context {
	return wire.WithCaller(context.Background(), wire.Caller{AccountID: account, Region: "us-east-1", AccessKeyID: key})
}

func assume(t *testing.T, s *Service, in sts.AssumeRoleInput) *sts.AssumeRoleOutput {
	t.Helper()
	out, err := s.AssumeRole(as("111111111111", ""), &in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryOperationOfTheSDKIsServedOrRefusedWithAReason(t *testing.T) {
	w := New(Options{}).Wire()
	served := map[string]bool{}
	for _, op := range w.Operations {
		served[op.Name] = true
	}
	client := reflect.TypeFor[*sts.Client]()
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name != "Options" && served[name] == (w.Unsupported[name] != "") {
			t.Errorf("%s: served %v, refused because %q", name, served[name], w.Unsupported[name])
		}
	}
}

func TestACallerWithoutASessionIsTheRootOfItsAccount(t *testing.T) {
	s, _ := newService(t)
	for _, key := range []string{"", "123456789012", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"} {
		out, err := s.GetCallerIdentity(as("123456789012", key), &sts.GetCallerIdentityInput{})
		if err != nil || *out.Account != "123456789012" || *out.Arn != "arn:aws:iam::123456789012:root" || *out.UserId != "123456789012" {
			t.Errorf("%q: %+v, %v", key, out, err)
		}
	}
}

func TestAssumeRoleGivesCredentialsOfTheRolesAccount(t *testing.T) {
	s, now := newService(t)
	out := assume(t, s, sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/path/to/r"), RoleSessionName: aws.String("me@x"), SourceIdentity: aws.String("src")})
	key := *out.Credentials.AccessKeyId
	if !regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`).MatchString(key) || len(*out.Credentials.SecretAccessKey) != 40 || len(*out.Credentials.SessionToken) < 300 {
		t.Errorf("%+v", out.Credentials)
	}
	if !out.Credentials.Expiration.Equal(now.Add(time.Hour)) {
		t.Errorf("expires %v", out.Credentials.Expiration)
	}
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::222222222222:assumed-role/r/me@x" || !regexp.MustCompile(`^AROA[A-Z2-7]{17}:me@x$`).MatchString(*out.AssumedRoleUser.AssumedRoleId) || *out.SourceIdentity != "src" {
		t.Errorf("%+v", out.AssumedRoleUser)
	}
	ctx := context.Background()
	if account := s.Account(ctx, key); account != "222222222222" {
		t.Errorf("account %s", account)
	}
	who, err := s.GetCallerIdentity(as("222222222222", key), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != *out.AssumedRoleUser.Arn || *who.UserId != *out.AssumedRoleUser.AssumedRoleId || *who.Account != "222222222222" {
		t.Errorf("%+v %v", who, err)
	}
	info, err := s.GetAccessKeyInfo(ctx, &sts.GetAccessKeyInfoInput{AccessKeyId: &key})
	if err != nil || *info.Account != "222222222222" {
		t.Errorf("%+v %v", info, err)
	}
	if secret, ok := s.Secret(ctx, key); !ok || secret != *out.Credentials.SecretAccessKey {
		t.Error("secret is not found")
	}
	*now = now.Add(time.Hour)
	if _, ok := s.Secret(ctx, key); ok {
		t.Error("expired secret is given out")
	}
	if session, ok := s.Session(ctx, key); !ok || session.Token != *out.Credentials.SessionToken {
		t.Error("an expired session is forgotten at once")
	}
	*now = now.Add(25 * time.Hour)
	assume(t, s, sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/r"), RoleSessionName: aws.String("me")})
	if _, ok := s.Session(ctx, key); ok {
		t.Error("a session is kept for ever")
	}
}

func TestTheMaximumOfARoleIsHeeded(t *testing.T) {
	s, _ := newService(t)
	err := s.store.Update(context.Background(), store.Scope{Account: "222222222222", Region: region}, func(tx *store.Tx) error {
		return roles.Insert(tx, store.Document[role]{ID: "r", Value: role{ID: "AROAXXXXXXXXXXXXXXXXX", MaxSession: 3600}})
	})
	if err != nil {
		t.Fatal(err)
	}
	in := sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::222222222222:role/R"), RoleSessionName: aws.String("me"), DurationSeconds: aws.Int32(3601)}
	_, err = s.AssumeRole(context.Background(), &in)
	wantError(t, err, "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	in.DurationSeconds = aws.Int32(900)
	if out := assume(t, s, in); *out.AssumedRoleUser.AssumedRoleId != "AROAXXXXXXXXXXXXXXXXX:me" {
		t.Errorf("%+v", out.AssumedRoleUser)
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("got %v, want %s", err, want)
	} else if got := e.ErrorCode() + ": " + e.ErrorMessage(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBadRequestsToAssumeARole(t *testing.T) {
	s, _ := newService(t)
	arn, name := aws.String("arn:aws:iam::222222222222:role/r"), aws.String("me")
	for want, in := range map[string]sts.AssumeRoleInput{
		"ValidationError: Request ARN is invalid": {RoleArn: aws.String("arn:aws:iam::222222222222:user/r"), RoleSessionName: name},
		"ValidationError: 1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*": {RoleArn: arn, RoleSessionName: aws.String("a b")},
		"ValidationError: 1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900":           {RoleArn: arn, RoleSessionName: name, DurationSeconds: aws.Int32(60)},
		"AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ":                                                                                      {RoleArn: arn, RoleSessionName: name, SerialNumber: aws.String("arn:aws:iam::1:mfa/x"), TokenCode: aws.String("123456")},
		"MalformedPolicyDocument: This policy contains invalid Json":                                                                                                                {RoleArn: arn, RoleSessionName: name, Policy: aws.String("{")},
	} {
		_, err := s.AssumeRole(context.Background(), &in)
		wantError(t, err, want)
	}
}

func TestTheAccountIsInTheKey(t *testing.T) {
	s, _ := newService(t)
	for _, account := range []string{"000000000000", "012345678901", "999999999999"} {
		out := assume(t, s, sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + account + ":role/role"), RoleSessionName: aws.String("me")})
		if got := s.Account(context.Background(), *out.Credentials.AccessKeyId); got != account {
			t.Errorf("got %s, want %s", got, account)
		}
	}
}
