package jwt

import (
	"strconv"
	"testing"
)

func TestTheCacheKeepsWhatIsUsedAndIsBounded(t *testing.T) {
	var c cache
	used := &entry{}
	c.put("used", used)
	for i := range 5 * generationSize {
		c.put(strconv.Itoa(i), &entry{})
		if i%1000 == 0 && c.get("used") != used {
			t.Fatalf("after %d others what is used is gone", i)
		}
	}
	if c.get("0") != nil {
		t.Error("what is not used stays")
	}
	if n := len(c.now) + len(c.old); n > 2*generationSize {
		t.Errorf("it holds %d", n)
	}
}
