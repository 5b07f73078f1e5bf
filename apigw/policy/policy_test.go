package policy

import (
	"strings"
	"testing"
)

const (
	alice   = "arn:aws:iam::111122223333:user/alice"
	method  = "arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/pets/7"
	invokes = "execute-api:Invoke"
)

func request() *Request {
	keys := map[string][]string{
		"aws:sourceip": {"203.0.113.9"}, "aws:username": {"alice"}, "aws:securetransport": {"true"}, "aws:currenttime": {"2026-11-27T01:00:00Z"},
		"aws:epochtime": {"1795741200"}, "aws:useragent": {"curl/8"}, "aws:principalarn": {alice}, "aws:tagkeys": {"a", "b"}, "n": {"5"}, "star": {"*"},
	}
	return &Request{
		Principal: Principal{AccountID: "111122223333", ARN: alice}, Action: invokes, Resource: method,
		Condition: func(key string) []string { return keys[key] },
	}
}

func allow(elements string) string {
	return `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"` + elements + `}}`
}

// What each element means: IAM user guide, "IAM JSON policy elements reference".
func TestEvaluate(t *testing.T) {
	for _, c := range []struct {
		name, doc string
		want      Decision
	}{
		{"no statements", `{"Statement": []}`, Silent},
		{"allow", allow(``), Allow},
		{"deny wins, first", `{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}]}`, Deny},
		{"deny wins, last", `{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*"}]}`, Deny},
		{"another action", `{"Statement": {"Effect": "Allow", "Action": "execute-api:InvalidateCache", "Resource": "*"}}`, Silent},
		{"action in another case", `{"Statement": {"Effect": "Allow", "Action": "EXECUTE-API:invoke", "Resource": "*"}}`, Allow},
		{"action with wildcards", `{"Statement": {"Effect": "Allow", "Action": ["s3:*", "execute-api:In?o*"], "Resource": "*"}}`, Allow},
		{"NotAction", `{"Statement": {"Effect": "Allow", "NotAction": "execute-api:Invoke", "Resource": "*"}}`, Silent},
		{"NotAction of another", `{"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}`, Allow},
		{"resource", `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:us-east-1:111122223333:abc/prod/GET/pets/*"}}`, Allow},
		{"resource of another stage", `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:*:*:abc/dev/*"}}`, Silent},
		{"resource in another case", `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:us-east-1:111122223333:ABC/*"}}`, Silent},
		{"NotResource", `{"Statement": {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:execute-api:*:*:*/prod/*"}}`, Silent},
		{"no resource", `{"Statement": {"Effect": "Allow", "Action": "*"}}`, Allow},
		{"anybody", allow(`, "Principal": "*"`), Allow},
		{"anybody of AWS", allow(`, "Principal": {"AWS": "*"}`), Allow},
		{"the account, which may then decide itself", allow(`, "Principal": {"AWS": "111122223333"}`), Silent},
		{"the account's root", allow(`, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}`), Silent},
		{"the account is denied", `{"Statement": {"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}}`, Deny},
		{"another account", allow(`, "Principal": {"AWS": ["arn:aws:iam::444455556666:root"]}`), Silent},
		{"the user", allow(`, "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"}`), Allow},
		{"a service", allow(`, "Principal": {"Service": "apigateway.amazonaws.com"}`), Silent},
		{"a kind that nobody is", allow(`, "Principal": {"Federated": "x"}`), Silent},
		{"NotPrincipal", allow(`, "NotPrincipal": {"AWS": "111122223333"}`), Silent},
		{"NotPrincipal of another", allow(`, "NotPrincipal": {"AWS": "444455556666"}`), Allow},

		{"two conditions", allow(`, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "false"}}`), Silent},
		{"one of two values", allow(`, "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.9"]}}`), Allow},
		{"another network", allow(`, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`), Silent},
		{"NotIpAddress", allow(`, "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}}`), Silent},
		{"NotIpAddress of a request without one", allow(`, "Condition": {"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}`), Allow},
		{"StringEquals", allow(`, "Condition": {"StringEquals": {"aws:username": ["bob", "alice"]}}`), Allow},
		{"StringEquals has case", allow(`, "Condition": {"StringEquals": {"AWS:UserName": "Alice"}}`), Silent},
		{"StringEqualsIgnoreCase", allow(`, "Condition": {"StringEqualsIgnoreCase": {"aws:username": "ALICE"}}`), Allow},
		{"StringNotEquals", allow(`, "Condition": {"StringNotEquals": {"aws:username": ["bob", "alice"]}}`), Silent},
		{"StringNotEquals of a missing key", allow(`, "Condition": {"StringNotEquals": {"aws:sourcevpc": "vpc-1"}}`), Allow},
		{"StringEquals of a missing key", allow(`, "Condition": {"StringEquals": {"aws:sourcevpc": "vpc-1"}}`), Silent},
		{"IfExists of a missing key", allow(`, "Condition": {"StringEqualsIfExists": {"aws:sourcevpc": "vpc-1"}}`), Allow},
		{"StringLike", allow(`, "Condition": {"StringLike": {"aws:useragent": "curl/*"}}`), Allow},
		{"StringNotLike", allow(`, "Condition": {"StringNotLike": {"aws:useragent": "curl/?"}}`), Silent},
		{"Numeric", allow(`, "Condition": {"NumericLessThanEquals": {"n": 5}, "NumericGreaterThan": {"n": "4.5"}, "NumericNotEquals": {"n": "6"}}`), Allow},
		{"NumericLessThan", allow(`, "Condition": {"NumericLessThan": {"n": "5"}}`), Silent},
		{"dates", allow(`, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-11-01T00:00:00Z"}, "DateLessThan": {"aws:EpochTime": "1795741201"}}`), Allow},
		{"too late", allow(`, "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-11-27"}}`), Silent},
		{"Bool", allow(`, "Condition": {"Bool": {"aws:SecureTransport": true}}`), Allow},
		{"Null of a missing key", allow(`, "Condition": {"Null": {"aws:sourcevpc": "true"}}`), Allow},
		{"Null of a key that is there", allow(`, "Condition": {"Null": {"aws:username": true}}`), Silent},
		{"ArnLike", allow(`, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}`), Allow},
		{"ArnEquals by its parts", allow(`, "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:*:user/alice"}}`), Silent},
		{"ArnNotLike", allow(`, "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/alice"}}`), Silent},
		{"ForAllValues", allow(`, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}`), Allow},
		{"ForAllValues, one too many", allow(`, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}`), Silent},
		{"ForAllValues of none", allow(`, "Condition": {"ForAllValues:StringEquals": {"none": ["a"]}}`), Allow},
		{"ForAnyValue", allow(`, "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["b"]}}`), Allow},
		{"ForAnyValue of none", allow(`, "Condition": {"ForAnyValue:StringEquals": {"none": ["a"]}}`), Silent},
		{"a variable", allow(`, "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/${aws:username}"}}`), Allow},
		{"a variable without a value", allow(`, "Condition": {"StringEquals": {"aws:username": "${aws:nobody}"}}`), Silent},
		{"a variable's default", allow(`, "Condition": {"StringEquals": {"aws:username": "${aws:nobody, 'alice'}"}}`), Allow},
		{"a variable's star is no wildcard", allow(`, "Condition": {"StringLike": {"aws:username": "${star}"}}`), Silent},
		{"a star itself", allow(`, "Condition": {"StringLike": {"star": "${*}"}}`), Allow},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse([]byte(c.doc))
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Evaluate(request()); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// Source: IAM user guide, "AWS JSON policy elements: Principal", "AWS account principals".
func TestAnAccountMayDecideForItsPrincipals(t *testing.T) {
	d, err := Parse([]byte(allow(`, "Principal": {"AWS": "111122223333"}`)))
	if err != nil {
		t.Fatal(err)
	}
	r := request()
	if r.Delegated = true; d.Evaluate(r) != Allow {
		t.Error("the account's own policies are asked too")
	}
	r.Delegated, r.Principal.ARN = false, "arn:aws:iam::111122223333:root"
	if d.Evaluate(r) != Allow {
		t.Error("the root itself")
	}
}

func TestPoliciesOfAnIdentityAreJoinedAndBounded(t *testing.T) {
	document := func(effect string) *Document {
		d, err := Parse([]byte(`{"Statement": {"Effect": "` + effect + `", "Action": "*", "Resource": "*"}}`))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	yes, no := document("Allow"), document("Deny")
	for _, c := range []struct {
		set, bound Set
		want       Decision
	}{
		{Set{}, Set{yes}, Silent}, {Set{yes}, Set{yes}, Allow}, {Set{yes, no}, Set{yes}, Deny}, {Set{no, yes}, Set{yes}, Deny},
		{Set{yes}, Set{}, Silent}, {Set{yes}, Set{no}, Deny}, {Set{no}, Set{}, Deny}, {Set{nil, yes}, Set{yes}, Allow},
	} {
		if got := c.set.Evaluate(request()).Bound(c.bound.Evaluate(request())); got != c.want {
			t.Errorf("%v: %d", c, got)
		}
	}
}

func TestVariablesInResources(t *testing.T) {
	d, err := Parse([]byte(`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:*:*:*/prod/GET/${aws:username}"}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := request()
	if d.Evaluate(r) != Silent {
		t.Error("somebody else's")
	}
	if r.Resource = strings.Replace(method, "pets/7", "alice", 1); d.Evaluate(r) != Allow {
		t.Error("her own")
	}
}

func TestTheShortFormOfAnAPIsResources(t *testing.T) {
	for resource, want := range map[string]Decision{
		"execute-api:/*": Allow, "execute-api:/prod/GET/pets/*": Allow, "execute-api:/dev/*": Silent, "execute-api:/*/*/pets/7": Allow,
	} {
		d, err := ParseAPI([]byte(`{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "`+resource+`"}}`),
			"arn:aws:execute-api:us-east-1:111122223333:abc")
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Evaluate(&Request{Action: invokes, Resource: method}); got != want {
			t.Errorf("%s: %d, want %d", resource, got, want)
		}
	}
}

func TestASessionIsItsRole(t *testing.T) {
	d, err := Parse([]byte(allow(`, "Principal": {"AWS": "arn:aws:iam::111122223333:role/r"}`)))
	if err != nil {
		t.Fatal(err)
	}
	r := request()
	r.Principal = Principal{AccountID: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/r/s", RoleARN: "arn:aws:iam::111122223333:role/r"}
	if d.Evaluate(r) != Allow {
		t.Error("its session")
	}
}

func TestWhatIsNoPolicyIsRefused(t *testing.T) {
	for _, doc := range []string{
		``, `null x`, `[]`, `{}`, `{"Version": "2020-01-01", "Statement": []}`, `{"Statement": {"Action": "*", "Resource": "*"}}`,
		`{"Statement": {"Effect": "allow", "Action": "*"}}`, `{"Statement": {"Effect": "Allow", "Resource": "*"}}`, `{"Statement": {"Effect": "Allow", "Action": 1}}`,
		allow(`, "Condition": {"NoOperator": {"a": "b"}}`), allow(`, "Condition": {"NumericEquals": {"a": "b"}}`), allow(`, "Condition": {"IpAddress": {"a": "b"}}`),
		allow(`, "Condition": {"Null": {"a": "b"}}`), allow(`, "Condition": {"StringEquals": {"a": {}}}`), allow(`, "Principal": 1`), allow(``) + "{",
	} {
		if _, err := Parse([]byte(doc)); err == nil {
			t.Errorf("%s is taken", doc)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(allow(`, "Condition": {"ForAnyValue:StringLike": {"a": "${aws:username}*?"}}`)))
	f.Add([]byte(`{"Statement": [{"Effect": "Deny", "NotAction": ["*"], "NotResource": "arn:${x}", "NotPrincipal": {"AWS": ["1"]}}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if d, err := Parse(doc); err == nil {
			d.Evaluate(request())
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	d, err := Parse([]byte(`{"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": ["arn:aws:execute-api:*:*:abc/prod/POST/*", "arn:aws:execute-api:*:*:abc/prod/GET/*"]}]}`))
	if err != nil {
		b.Fatal(err)
	}
	r := request()
	b.ReportAllocs()
	for b.Loop() {
		if d.Evaluate(r) != Allow {
			b.Fatal("not allowed")
		}
	}
}
