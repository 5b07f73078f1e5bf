package eventsource

import "testing"

func FuzzFailures(f *testing.F) {
	f.Add([]byte(`{"batchItemFailures":[{"itemIdentifier":"a"}]}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"batchItemFailures":[{"itemIdentifier":null}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		reported, err := Failures(answer, []string{"a", "b"})
		for id := range reported {
			if err != nil || id != "a" && id != "b" {
				t.Errorf("%s reports %q (%v)", answer, id, err)
			}
		}
	})
}
