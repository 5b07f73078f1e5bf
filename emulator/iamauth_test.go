package emulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"postern/emulator"
)

const (
	invokeAllowed = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/s/GET/"}}`
	invokeDenied  = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"execute-api:*","Resource":"*"}}`
)

// signedAPI makes an API whose one method needs a signature.
func (s *server) signedAPI(t *testing.T, policy string) *mockAPI {
	t.Helper()
	m := s.createMock(t, "$context.identity.accountId $context.identity.userArn")
	_, err := m.gw.UpdateMethod(t.Context(), &apigateway.UpdateMethodInput{RestApiId: m.id, ResourceId: m.root, HttpMethod: aws.String("GET"),
		PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/authorizationType"), Value: aws.String("AWS_IAM")}}})
	if err != nil {
		t.Fatal(err)
	}
	m.guard(t, policy)
	return m
}

// guard sets the resource policy and deploys.
func (m *mockAPI) guard(t *testing.T, policy string) {
	t.Helper()
	if policy != "" {
		_, err := m.gw.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{RestApiId: m.id,
			PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/policy"), Value: &policy}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	m.deploy(t, &apigateway.CreateDeploymentInput{})
}

// as is the configuration of the SDK's clients for an account.
func (s *server) as(account string) aws.Config {
	c := s.aws()
	c.Credentials = credentials.NewStaticCredentialsProvider(account, "test", "")
	return c
}

// createUser makes a user with a policy and returns its key.
func createUser(t *testing.T, c aws.Config, name, policy string) aws.Credentials {
	t.Helper()
	client := iam.NewFromConfig(c)
	if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name}); err != nil {
		t.Fatal(err)
	}
	putPolicy(t, c, name, policy)
	k, err := client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return aws.Credentials{AccessKeyID: *k.AccessKey.AccessKeyId, SecretAccessKey: *k.AccessKey.SecretAccessKey}
}

func putPolicy(t *testing.T, c aws.Config, user, policy string) {
	t.Helper()
	if policy == "" {
		return
	}
	_, err := iam.NewFromConfig(c).PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &user, PolicyName: aws.String("p"), PolicyDocument: &policy})
	if err != nil {
		t.Fatal(err)
	}
}

// signed calls a URL with a signature of the SDK's signer, and returns what comes back as one text.
func signed(t *testing.T, url string, c aws.Credentials, at time.Time, host ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = strings.Join(host, "")
	if err := v4.NewSigner().SignHTTP(t.Context(), c, req, emptyHash(), "execute-api", "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return answerOf(t, req)
}

func emptyHash() string {
	sum := sha256.Sum256(nil)
	return hex.EncodeToString(sum[:])
}

func answerOf(t *testing.T, req *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status[:3] + " " + res.Header.Get("x-amzn-ErrorType") + " " + string(body)
}

func TestSignedCallsAreDecidedByTheCallersPolicies(t *testing.T) {
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now, AccessKeys: map[string]string{"111122223333": "root's"}})
	m := s.signedAPI(t, "")
	url, own := m.invokeURL("/"), s.aws()
	alice, bob := createUser(t, own, "alice", invokeAllowed), createUser(t, own, "bob", "")
	want := func(name, got, prefix string) {
		t.Helper()
		if !strings.HasPrefix(got, prefix) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, prefix)
		}
	}
	arn := "arn:aws:execute-api:us-east-1:********0000:" + *m.id + "/s/GET/"
	refused := func(user, why string) string {
		return `403 AccessDeniedException {"Message":"User: arn:aws:iam::000000000000:user/` + user + ` is not authorized to perform: execute-api:Invoke on resource: ` + arn + why + `"}`
	}
	want("allowed", signed(t, url, alice, clock.Now()), "200  000000000000 arn:aws:iam::000000000000:user/alice")
	want("the host form", signed(t, s.url("/s"), alice, clock.Now(), *m.id+".execute-api.localhost"), "200 ")
	want("nothing allows", signed(t, url, bob, clock.Now()), refused("bob", ""))
	putPolicy(t, own, "bob", invokeDenied)
	want("denied", signed(t, url, bob, clock.Now()), refused("bob", " with an explicit deny in an identity-based policy"))
	putPolicy(t, own, "bob", invokeAllowed)
	want("allowed at last", signed(t, url, bob, clock.Now()), "200 ")

	status, body := get(t, url)
	if status != 403 || body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("unsigned: %d %s", status, body)
	}
	wrong := alice
	wrong.SecretAccessKey = "wrong"
	want("wrong secret", signed(t, url, wrong, clock.Now()), `403 InvalidSignatureException {"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/_aws/execute-api/`)
	want("unknown key", signed(t, url, aws.Credentials{AccessKeyID: "AKIAUNKNOWN", SecretAccessKey: "x"}, clock.Now()),
		`403 UnrecognizedClientException {"message":"The security token included in the request is invalid."}`)
	want("too old", signed(t, url, alice, clock.Now().Add(-16*time.Minute)), `403 InvalidSignatureException {"message":"Signature expired: `)
	want("the account's root, of another account", signed(t, url, aws.Credentials{AccessKeyID: "111122223333", SecretAccessKey: "root's"}, clock.Now()), "403 AccessDeniedException ")

	_, err := iam.NewFromConfig(own).UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &alice.AccessKeyID, Status: "Inactive"})
	if err != nil {
		t.Fatal(err)
	}
	want("inactive key", signed(t, url, alice, clock.Now()), "403 UnrecognizedClientException ")
}

func TestPresignedCalls(t *testing.T) {
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	m := s.signedAPI(t, "")
	alice := createUser(t, s.aws(), "alice", invokeAllowed)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.invokeURL("/?q=a%20b&X-Amz-Expires=60"), nil)
	if err != nil {
		t.Fatal(err)
	}
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), alice, req, emptyHash(), "execute-api", "us-east-1", clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, url); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	clock.move(61 * time.Second)
	if status, body := get(t, url); status != 403 || !strings.Contains(body, "Signature expired: ") {
		t.Errorf("after its time: %d %s", status, body)
	}
}

func TestSessionsOfRolesSignCalls(t *testing.T) {
	clock := newClock()
	s := start(t, emulator.Config{Lambda: processes(t), Now: clock.Now})
	m := s.signedAPI(t, "")
	client := iam.NewFromConfig(s.aws())
	_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("caller"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("caller"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess")})
	if err != nil {
		t.Fatal(err)
	}
	assume := func(policy *string) aws.Credentials {
		t.Helper()
		out, err := sts.NewFromConfig(s.aws()).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::000000000000:role/caller"), RoleSessionName: aws.String("one"), DurationSeconds: aws.Int32(900), Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
	}
	session := assume(nil)
	want := func(name string, c aws.Credentials, prefix string) {
		t.Helper()
		if got := signed(t, m.invokeURL("/"), c, clock.Now()); !strings.HasPrefix(got, prefix) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, prefix)
		}
	}
	want("a session", session, "200  000000000000 arn:aws:sts::000000000000:assumed-role/caller/one")
	want("a session that may do less", assume(aws.String(strings.Replace(invokeAllowed, "/s/GET/", "/other/*", 1))), "403 AccessDeniedException ")
	tokenless := session
	tokenless.SessionToken = ""
	want("without its token", tokenless, "403 UnrecognizedClientException ")
	clock.move(16 * time.Minute)
	want("when it is over", session, `403 ExpiredTokenException {"message":"The security token included in the request is expired"}`)
}

func TestResourcePoliciesAndSignersOfOtherAccounts(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	const other = "444455556666"
	statement := func(effect, principal, more string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"execute-api:Invoke","Resource":"execute-api:/*"` + more + `}]}`
	}
	m := s.signedAPI(t, "")
	own, stranger := createUser(t, s.aws(), "own", ""), createUser(t, s.as(other), "stranger", invokeAllowed)
	helpless := createUser(t, s.as(other), "helpless", "")
	want := func(name string, c aws.Credentials, status string) {
		t.Helper()
		if got := signed(t, m.invokeURL("/"), c, time.Now()); !strings.HasPrefix(got, status) {
			t.Errorf("%s: got %s, want %s", name, got, status)
		}
	}
	want("another account without a policy of the API", stranger, "403")
	m.guard(t, statement("Allow", `{"AWS":"`+other+`"}`, ""))
	want("both allow", stranger, "200")
	want("the account's own policies are silent", helpless, "403")
	want("the API's account is not named", own, "403")
	m.guard(t, statement("Allow", `{"AWS":"000000000000"}`, ""))
	want("its account may decide, and does not", own, "403")
	m.guard(t, statement("Allow", `{"AWS":"arn:aws:iam::000000000000:user/own"}`, ""))
	want("the API allows the user", own, "200")
	m.guard(t, statement("Deny", `"*"`, `,"Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`))
	want("an address that is denied", stranger, "403")
}

func TestResourcePoliciesOfOpenMethods(t *testing.T) {
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.createMock(t, "open")
	address := func(cidr string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/s/GET/","Condition":{"IpAddress":{"aws:SourceIp":"` + cidr + `"}}}]}`
	}
	m.guard(t, address("127.0.0.0/8"))
	if status, body := get(t, m.invokeURL("/")); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	m.guard(t, address("10.0.0.0/8"))
	want := `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:` + *m.id + `/s/GET/"}`
	if status, body := get(t, m.invokeURL("/")); status != 403 || body != want {
		t.Errorf("%d %s", status, body)
	}
}

// Others sign as they do: botocore without a hash of the body, curl by itself.
func TestOtherSigners(t *testing.T) {
	needProgram(t, "python3")
	s := start(t, emulator.Config{Lambda: processes(t)})
	m := s.signedAPI(t, "")
	alice := createUser(t, s.aws(), "alice", invokeAllowed)
	run := func(name string, args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "000000000000 arn:aws:iam::000000000000:user/alice" {
			t.Errorf("%s: %s %v", name, out, err)
		}
	}
	url := m.invokeURL("/?q=a%2Fb&q=%C3%A9&z=")
	if exec.Command("python3", "-c", "import botocore").Run() == nil {
		run("python3", "-c", `
import sys, urllib.request
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
url, key, secret = sys.argv[1:]
r = AWSRequest("GET", url)
SigV4Auth(Credentials(key, secret), "execute-api", "us-east-1").add_auth(r)
print(urllib.request.urlopen(urllib.request.Request(url, headers=dict(r.headers))).read().decode())
`, url, alice.AccessKeyID, alice.SecretAccessKey)
	}
	if help, _ := exec.Command("curl", "--help", "all").Output(); strings.Contains(string(help), "--aws-sigv4") {
		run("curl", "-s", "--aws-sigv4", "aws:amz:us-east-1:execute-api", "-u", alice.AccessKeyID+":"+alice.SecretAccessKey, m.invokeURL("/"))
	}
}
