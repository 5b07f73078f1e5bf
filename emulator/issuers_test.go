package emulator

import "testing"

func TestPlaceOfAnIssuer(t *testing.T) {
	i := &issuers{places: map[string]string{
		"https://cognito-idp.eu-west-1.amazonaws.com":             "http://127.0.0.1:9229/",
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A": "http://127.0.0.1:9000/a",
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_L": LocalIssuer,
		"https://login.example.com/":                              LocalIssuer,
		"https://tenant.example.com/x":                            "https://localhost:8443/realms/x",
	}}
	for issuer, want := range map[string]string{
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_B":  "http://127.0.0.1:9229/eu-west-1_B",
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A":  "http://127.0.0.1:9000/a",
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AB": "http://127.0.0.1:9229/eu-west-1_AB",
		"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_L":  LocalIssuer,
		"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_A":  LocalIssuer,
		"https://login.example.com/":                               LocalIssuer,
		"https://login.example.com":                                LocalIssuer,
		"https://login.example.com.evil.test/":                     "https://login.example.com.evil.test/",
		"https://tenant.example.com/x":                             "https://localhost:8443/realms/x",
		"https://other.example.com/x":                              "https://other.example.com/x",
	} {
		if got := i.place(issuer); got != want {
			t.Errorf("%s: %s, want %s", issuer, got, want)
		}
	}
}
