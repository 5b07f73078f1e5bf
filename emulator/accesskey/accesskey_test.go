package accesskey

import "testing"

func TestAnIDTellsItsAccount(t *testing.T) {
	for _, account := range []string{"000000000000", "123456789012", "999999999999"} {
		id := New(User, account, [Random]byte{1, 2, 3, 4, 255})
		if got, ok := Account(id); !ok || got != account || len(id) != 20 || id[:4] != "AKIA" {
			t.Errorf("%s: %s %v", id, got, ok)
		}
	}
}

// Source: "A short note on AWS KEY ID" by Tal Be'ery, 2023, whose example this is; sts
// GetAccessKeyInfo answers the same.
func TestAnIDOfAWS(t *testing.T) {
	if got, ok := Account("ASIAQNZGKIQY56JQ7WML"); !ok || got != "029608264753" {
		t.Errorf("%s %v", got, ok)
	}
	for _, id := range []string{"", "test", "AKIAIOSFODNN7EXAMPL1"} {
		if got, ok := Account(id); ok {
			t.Errorf("%s: %s", id, got)
		}
	}
}
