package apigateway

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
)

func TestFilesOfAPIKeys(t *testing.T) {
	cases := map[string]string{
		"name,key\nn,k\n":                              "n k true []",
		"\ufeffKEY, Name \r\n k , n \r\n":              "n k true []",
		"key,name,enabled\nk,n,FALSE":                  "n k false []",
		"key,name,enabled\nk,n,":                       "n k true []",
		"key,name\nk":                                  " k true []",
		"name,key,other,usageplanids\nn,k,x,\"a,b\"\n": "n k true [a b]",
		"name,key,usageplanids,other\nn,k,'a,b','x'\n": "n k true [a b]",
		"name,key\nO'Brien's,k\n":                      "O'Brien's k true []",
		"name,key\n'O'Brien's',k\n\"it's, quoted\",l":  "O'Brien's k true []; it's, quoted l true []",
		"name,key,description\n'n,k,d\n":               "'n k true []",
		"name,key,description\n\"a 'b\",k,\"c' d\"\n":  "a 'b k true []",
		"name,key\n":                                   "",
		"name\nn":                                      "error",
		"":                                             "error",
		"name,key\n\"n,k\n":                            "error",
	}
	for file, want := range cases {
		rows, err := parseKeys([]byte(file))
		var got []string
		for _, r := range rows {
			got = append(got, strings.Join([]string{aws.ToString(r.Name), *r.Value, map[bool]string{true: "true", false: "false"}[r.Enabled],
				"[" + strings.Join(r.plans, " ") + "]"}, " "))
		}
		if err != nil {
			got = []string{"error"}
		}
		if diff := cmp.Diff(want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%q (%v): %s", file, err, diff)
		}
	}
}

func FuzzFilesOfAPIKeys(f *testing.F) {
	f.Add([]byte("Enabled,Name,key,UsageplanIds\ntrue,MyFirstApiKey,apikey1234abcdefghij0123456789,\"c7y23b,glvrsr\"\n"))
	f.Add([]byte("name,key\n'a,b'\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := parseKeys(body)
		if err != nil && text(err) == "" {
			t.Errorf("%v is no error of AWS", err)
		}
		for _, r := range rows {
			if r.Value == nil {
				t.Error("a key without a value")
			}
		}
	})
}

// What a plan becomes by any patch is either refused in AWS's words or can be made again.
func FuzzUsagePlanPatches(f *testing.F) {
	for _, p := range []string{"/name", "/quota/limit", "/quota/period", "/throttle/rateLimit", "/apiStages/a:s/throttle/~1pets/GET/rateLimit",
		"/apiStages/a:s/throttle//pets/GET", "/apiStages/a:s/throttle", "/apiStages/a:s/throttle/", "/apiStages", "", "/"} {
		for _, op := range []string{"add", "replace", "remove"} {
			f.Add(op, p, "1")
		}
	}
	f.Fuzz(func(t *testing.T, op, path, value string) {
		p := types.UsagePlan{Id: aws.String("p"), Name: aws.String("n"), ApiStages: []types.ApiStage{{ApiId: aws.String("a"), Stage: aws.String("s"),
			Throttle: map[string]types.ThrottleSettings{"/pets/GET": {}}}}}
		if path == "/apiStages" && op == "add" {
			return // asks the store
		}
		err := changePlan(&planEdit{UsagePlan: &p}, []types.PatchOperation{{Op: types.Op(op), Path: &path, Value: &value}})
		if err != nil {
			if text(err) == "" {
				t.Errorf("%v is no error of AWS", err)
			}
			return
		}
		if err := checkPlan(&p); err != nil {
			t.Error(err)
		}
		for _, s := range p.ApiStages {
			for method := range s.Throttle {
				if again, err := planMethod(method); err != nil || again != method {
					t.Errorf("%q is %q again, %v", method, again, err)
				}
			}
		}
	})
}
