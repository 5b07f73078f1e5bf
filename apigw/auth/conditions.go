package auth

import (
	"strconv"
	"strings"
	"time"

	"postern/apigw"
	"postern/apigw/policy"
)

// RequestOf is what a call asks policies for.
func RequestOf(x *apigw.Exchange, action string) *policy.Request {
	r := &policy.Request{
		Principal: principalOf(&x.Identity), Action: action, Resource: MethodARN(x),
		Condition: func(key string) []string { return condition(x, key) },
	}
	if plain := PlainPath(x.Request.Path); plain != x.Request.Path {
		r.Plain = strings.TrimSuffix(r.Resource, x.Request.Path) + plain
	}
	return r
}

// PlainPath is a path as a policy would write it: routes are found without the slashes at its end
// and whichever of its characters are encoded, so that what is denied must be denied however it is
// spelled. (What AWS makes of other spellings is not documented.)
func PlainPath(path string) string {
	return "/" + strings.Trim(apigw.UnescapePath(path), "/")
}

// MethodARN is what a call asks for, with the client's own verb and path: policies are about it.
func MethodARN(x *apigw.Exchange) string {
	name := x.Stage.Name
	if x.Request.Test != nil {
		name = "ESTestInvoke-stage" // seen in events of TestInvokeAuthorizer
	}
	return x.Stage.APIARN() + "/" + name + "/" + asked(x)
}

// asked is what a call asks for below its stage: a verb and a path, or the route of a WebSocket API.
func asked(x *apigw.Exchange) string {
	if x.Socket != nil {
		return x.Method.RouteKey
	}
	return x.Request.Verb + x.Request.Path
}

func principalOf(i *apigw.Identity) policy.Principal {
	return policy.Principal{AccountID: i.AccountID, ARN: i.UserARN, ID: i.User, RoleARN: roleOf(i.UserARN)}
}

// roleOf is the role of a session: arn:aws:sts::{account}:assumed-role/{role}/{session}.
func roleOf(arn string) string {
	account, rest, ok := strings.Cut(strings.TrimPrefix(arn, "arn:aws:sts::"), ":assumed-role/")
	role, _, named := strings.Cut(rest, "/")
	if !ok || !named {
		return ""
	}
	return "arn:aws:iam::" + account + ":role/" + role
}

// condition returns the values of a condition key, in lower case, nil if the request has none. (REST
// API guide, "AWS condition keys that can be used in API Gateway resource policies".)
func condition(x *apigw.Exchange, key string) []string {
	r, i := &x.Request, &x.Identity
	switch key {
	case "aws:sourceip":
		if i.VPCEndpointID != "" { // it is a private one: aws:VpcSourceIp
			return nil
		}
		return value(r.SourceIP)
	case "aws:vpcsourceip":
		if i.VPCEndpointID == "" {
			return nil
		}
		return value(r.SourceIP)
	case "aws:sourcevpce":
		return value(i.VPCEndpointID)
	case "aws:sourcevpc":
		return value(i.VPCID)
	case "aws:useragent":
		return value(x.UserAgent())
	case "aws:referer":
		return value(r.Referer())
	case "aws:securetransport":
		return []string{strconv.FormatBool(r.Secure)}
	case "aws:currenttime":
		return []string{r.Time.UTC().Format(time.RFC3339)}
	case "aws:epochtime":
		return []string{strconv.FormatInt(r.Time.Unix(), 10)}
	case "aws:requestedregion":
		return value(x.Stage.Region)
	}
	return identityCondition(i, key)
}

// identityCondition is condition for keys about who signed.
func identityCondition(i *apigw.Identity, key string) []string {
	switch key {
	case "aws:principalaccount":
		return value(i.AccountID)
	case "aws:principalorgid":
		return value(i.PrincipalOrgID)
	case "aws:userid":
		return value(i.User)
	case "aws:username":
		if _, name, ok := strings.Cut(i.UserARN, ":user/"); ok {
			return value(name[strings.LastIndexByte(name, '/')+1:])
		}
	case "aws:principalarn":
		if role := roleOf(i.UserARN); role != "" {
			return value(role)
		}
		return value(i.UserARN)
	case "aws:principaltype":
		switch {
		case i.UserARN == "":
			return value("Anonymous")
		case strings.HasSuffix(i.UserARN, ":root"):
			return value("Account")
		case strings.Contains(i.UserARN, ":assumed-role/"):
			return value("AssumedRole")
		}
		return value("User")
	}
	return nil
}

func value(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}
