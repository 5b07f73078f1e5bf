package cache

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/apigw"
)

func TestAFullCacheDropsWhatWasNotUsedForLongest(t *testing.T) {
	now := time.Now()
	c := New(3 * (overhead + 11))
	put := func(key string) { c.Put(key, &Answer{Body: []byte("0123456789")}, now.Add(time.Minute)) }
	held := func() (keys string) {
		for _, k := range []string{"a", "b", "c", "d"} {
			if _, ok := c.entries[k]; ok {
				keys += k
			}
		}
		return keys
	}
	put("a")
	put("b")
	put("c")
	c.Get([]byte("a"), now)
	put("d")
	if held() != "acd" || c.bytes != 3*(overhead+11) {
		t.Errorf("held %s, %d bytes", held(), c.bytes)
	}
	put("a") // in its own place
	if held() != "acd" || c.bytes != 3*(overhead+11) {
		t.Errorf("held %s, %d bytes", held(), c.bytes)
	}
	c.Put("b", &Answer{Body: make([]byte, 4*overhead)}, now.Add(time.Minute)) // larger than the cache
	if held() != "acd" {
		t.Errorf("held %s", held())
	}
	if c.Get([]byte("a"), now.Add(time.Minute)) != nil || held() != "cd" {
		t.Errorf("out of date: held %s", held())
	}
	c.Flush()
	if held() != "" || c.bytes != 0 || c.used.Len() != 0 {
		t.Errorf("flushed: %s, %d bytes, %d", held(), c.bytes, c.used.Len())
	}
}

func TestWhatIsLargerThanAWSKeepsIsNotKept(t *testing.T) {
	c, now := New(1<<30), time.Now()
	c.Put("most", &Answer{Body: make([]byte, maxAnswer)}, now.Add(1))
	c.Put("more", &Answer{Body: make([]byte, maxAnswer+1)}, now.Add(1))
	if c.Get([]byte("most"), now) == nil || c.Get([]byte("more"), now) != nil {
		t.Error("the limit is 1048576 bytes")
	}
}

func TestKeysDoNotRunIntoEachOther(t *testing.T) {
	var values [][]string
	m := Method{Namespace: "n"}
	for i := range 2 {
		m.Keys = append(m.Keys, func(*apigw.Exchange) []string { return values[i] })
	}
	seen := map[string]string{}
	for _, v := range [][][]string{{nil, nil}, {{"a"}, {"b"}}, {{"a", "b"}, nil}, {nil, {"a", "b"}}, {{"ab"}, nil}, {{""}, nil}, {nil, {""}}, {{"a\x01b"}, nil}} {
		values = v
		key := string(m.appendKey(nil, &apigw.Exchange{}))
		if former, ok := seen[key]; ok {
			t.Errorf("%q has the key of %s", v, former)
		}
		seen[key] = fmt.Sprintf("%q", v)
	}
}

func TestCachesOfAStageAndOfAnAPI(t *testing.T) {
	var s Caches
	now := time.Now()
	open := func(api, stage string, canary bool) *Cache { return s.Open(Name{api, stage, canary}, 1<<20) }
	fill := func(c *Cache) { c.Put("k", &Answer{}, now.Add(time.Minute)) }
	for _, c := range []*Cache{open("a", "s", false), open("a", "s", true), open("a", "t", false), open("ab", "s", false)} {
		fill(c)
	}
	kept := func() string {
		var all []string
		for _, n := range []Name{{"a", "s", false}, {"a", "s", true}, {"a", "t", false}, {"ab", "s", false}} {
			all = append(all, fmt.Sprint(s.Open(n, 1<<20).Get([]byte("k"), now) != nil))
		}
		return strings.Join(all, " ")
	}
	if got := kept(); got != "true true true true" {
		t.Error(got)
	}
	s.Flush("a", "s")
	if got := kept(); got != "false false true true" {
		t.Error("flushed a/s:", got)
	}
	s.CloseAll("a", "")
	if got := kept(); got != "false false false true" {
		t.Error("closed a:", got)
	}
	if s.Open(Name{"ab", "s", false}, 2<<20).Get([]byte("k"), now) != nil {
		t.Error("another capacity is another cache")
	}
}

func TestManyUseOneCache(t *testing.T) {
	c, now := New(50*overhead), time.Now()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 500 {
				key := fmt.Sprint((i + j) % 60)
				if a := c.Get([]byte(key), now); a != nil && string(a.Body) != key {
					t.Errorf("key %s: %s", key, a.Body)
				}
				c.Put(key, &Answer{Body: []byte(key)}, now.Add(time.Minute))
			}
		})
	}
	wg.Wait()
	if c.bytes > c.capacity || len(c.entries) != c.used.Len() {
		t.Errorf("%d bytes of %d, %d entries, %d in use", c.bytes, c.capacity, len(c.entries), c.used.Len())
	}
}

func TestCacheControlThatAsksForANewAnswer(t *testing.T) {
	for value, want := range map[string]bool{
		"max-age=0": true, "MAX-AGE = 0": true, "no-cache": true, "private, max-age=0": true, "max-age=10": false, "no-store": false, "": false,
	} {
		if wantsNew([]string{value}) != want {
			t.Errorf("%q: %t", value, !want)
		}
	}
}
