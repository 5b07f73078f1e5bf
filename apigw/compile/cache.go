package compile

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"postern/apigw"
	"postern/apigw/auth"
	"postern/apigw/cache"
	"postern/apigw/integration"
)

// openCache opens the stage's cache, or forgets it where the stage has none.
func (c *compiler) openCache() {
	if c.deps.Caches == nil {
		c.deps.Caches = &cache.Caches{}
	}
	stage := c.def.Stage
	if !stage.CacheClusterEnabled {
		for _, canary := range []bool{false, true} {
			c.deps.Caches.Close(cache.Name{API: c.apiID, Stage: c.stage, Canary: canary})
		}
		return
	}
	gigabytes, err := strconv.ParseFloat(string(cmp.Or(stage.CacheClusterSize, types.CacheClusterSizeSize0Point5Gb)), 64)
	if err != nil {
		c.impossible("stage", fmt.Errorf("cache cluster size %q", stage.CacheClusterSize))
		return
	}
	own := c.def.Canary && (stage.CanarySettings == nil || !stage.CanarySettings.UseStageCache)
	c.opened = c.deps.Caches.Open(cache.Name{API: c.apiID, Stage: c.stage, Canary: own}, int64(math.Round(gigabytes*(1<<30))))
}

// cache compiles how answers of a method are kept and found again; nil where they are not.
// What is set for all methods counts for GET alone (REST API guide, "Cache settings for REST
// APIs": "only GET methods have caching enabled by default").
func (c *compiler) cache(place string, res types.Resource, verb string, m types.Method) (lookup, store step) {
	s, own, _ := c.setting(*res.Path, verb)
	if c.opened == nil || !s.CachingEnabled || s.CacheTtlInSeconds <= 0 || !own && verb != "GET" {
		return nil, nil
	}
	i := m.MethodIntegration
	api := c.policy
	kept := &cache.Method{
		Cache: c.opened, Now: c.deps.Now, TTL: time.Duration(s.CacheTtlInSeconds) * time.Second,
		Namespace: cmp.Or(aws.ToString(i.CacheNamespace), aws.ToString(res.Id)),
		May:       func(x *apigw.Exchange) bool { return auth.Permits(x, api, auth.InvalidateCache) },
		Guarded:   s.RequireAuthorizationForCacheControl, Unauthorized: cache.Strategy(s.UnauthorizedCacheControlHeaderStrategy),
	}
	for _, name := range i.CacheKeyParameters {
		value, err := integration.RequestValue(name)
		if err != nil {
			return c.broken(place, "cache key parameter: %w", err), nil
		}
		kept.Keys = append(kept.Keys, value)
	}
	return kept.Lookup, kept.Store
}
