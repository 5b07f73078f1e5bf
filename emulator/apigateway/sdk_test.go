package apigateway

import "testing"

// The names are those of AWS's generated clients.
func TestMethodsOfTheJavaScriptSDKAreNamedByPathAndVerb(t *testing.T) {
	for _, test := range []struct{ path, verb, want string }{
		{"/", "GET", "rootGet"},
		{"/pets", "POST", "petsPost"},
		{"/pets/{petId}", "GET", "petsPetIdGet"},
		{"/my-pets/{proxy+}", "OPTIONS", "myPetsProxyOptions"},
	} {
		if got := jsName(test.path, test.verb); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.verb, test.path, got, test.want)
		}
	}
}
