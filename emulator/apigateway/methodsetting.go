package apigateway

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// defaultSetting is what a method's settings are when the first of them is made.
func defaultSetting() types.MethodSetting {
	return types.MethodSetting{
		ThrottlingBurstLimit:                   5000,
		ThrottlingRateLimit:                    10000,
		CacheTtlInSeconds:                      300,
		RequireAuthorizationForCacheControl:    true,
		UnauthorizedCacheControlHeaderStrategy: types.UnauthorizedCacheControlHeaderStrategySucceedWithResponseHeader,
	}
}

// settings are what can be replaced at /{resource}/{verb}/…
var settings = []struct {
	path string
	set  func(*stageEdit, *types.MethodSetting, change) error
}{
	{"metrics/enabled", func(_ *stageEdit, m *types.MethodSetting, c change) error { m.MetricsEnabled = c.flag(); return nil }},
	{"logging/dataTrace", func(_ *stageEdit, m *types.MethodSetting, c change) error { m.DataTraceEnabled = c.flag(); return nil }},
	{"logging/loglevel", setLogLevel},
	{"throttling/burstLimit", func(_ *stageEdit, m *types.MethodSetting, c change) error {
		n, err := c.number(-1)
		m.ThrottlingBurstLimit = int32(n)
		return err
	}},
	{"throttling/rateLimit", func(_ *stageEdit, m *types.MethodSetting, c change) (err error) {
		m.ThrottlingRateLimit, err = c.number(-1)
		return err
	}},
	{"caching/ttlInSeconds", setTTL},
	{"caching/enabled", func(_ *stageEdit, m *types.MethodSetting, c change) error { m.CachingEnabled = c.flag(); return nil }},
	{"caching/dataEncrypted", func(_ *stageEdit, m *types.MethodSetting, c change) error {
		m.CacheDataEncrypted = c.flag()
		return nil
	}},
	{"caching/requireAuthorizationForCacheControl", func(_ *stageEdit, m *types.MethodSetting, c change) error {
		m.RequireAuthorizationForCacheControl = c.flag()
		return nil
	}},
	{"caching/unauthorizedCacheControlHeaderStrategy", setStrategy},
}

func settingRules() []rule[stageEdit] {
	var out []rule[stageEdit]
	for _, s := range settings {
		out = append(out, rule[stageEdit]{types.OpReplace, "/{resource}/{verb}/" + s.path, func(e *stageEdit, c change) error {
			if c.args[1] != "*" && !slices.Contains(verbs, c.args[1]) {
				return noSetting(c)
			}
			key := settingKey(c)
			m, ok := e.MethodSettings[key]
			if !ok {
				m = defaultSetting()
			}
			err := s.set(e, &m, c)
			if e.MethodSettings == nil {
				e.MethodSettings = map[string]types.MethodSetting{}
			}
			e.MethodSettings[key] = m
			return err
		}})
	}
	return out
}

// settingKey is under what a method's settings are shown: as the path names the
// method, its escapes included, without the first slash.
func settingKey(c change) string { return c.segments[0] + "/" + c.segments[1] }

func removeSetting(e *stageEdit, c change) error {
	key := settingKey(c)
	if _, ok := e.MethodSettings[key]; !ok {
		return noSettingToRemove(c)
	}
	delete(e.MethodSettings, key)
	return nil
}

// number is the value as a number of at least min; -1 switches a throttle off.
func (c change) number(min float64) (float64, error) {
	n, err := strconv.ParseFloat(c.text(), 64)
	if err != nil || !(n >= min && n < 1<<31) { // nor NaN
		return 0, badRequest("Invalid value %s for %s", c.text(), c.path)
	}
	return n, nil
}

func setTTL(_ *stageEdit, m *types.MethodSetting, c change) error {
	n, err := c.number(0)
	m.CacheTtlInSeconds = int32(n)
	if err != nil || n > 3600 || n != math.Trunc(n) {
		return badRequest("Invalid time-to-live setting, must be an integer no greater than 3600")
	}
	return nil
}

var logLevels = []string{"OFF", "ERROR", "INFO"}

func setLogLevel(e *stageEdit, m *types.MethodSetting, c change) error {
	level := strings.ToUpper(c.text())
	if !slices.Contains(logLevels, level) {
		return badRequest("Invalid logging level specified: %s. Must be one of: [%s]", c.text(), strings.Join(logLevels, ", "))
	}
	m.LoggingLevel = aws.String(level)
	if level == "OFF" {
		return nil
	}
	return CanLog(e.tx)
}

func setStrategy(_ *stageEdit, m *types.MethodSetting, c change) error {
	m.UnauthorizedCacheControlHeaderStrategy = types.UnauthorizedCacheControlHeaderStrategy(c.text())
	if !valid(m.UnauthorizedCacheControlHeaderStrategy, m.UnauthorizedCacheControlHeaderStrategy.Values()) {
		return badRequest("Invalid unauthorizedCacheControlHeaderStrategy specified: %s", c.text())
	}
	return nil
}

// noStagePath words what UpdateStage cannot do (recorded).
func noStagePath(c change, _ []string) error {
	switch {
	case c.op == types.OpCopy:
		return noCopy(c)
	case c.op == types.OpAdd:
		return badRequest("Invalid add operation with path: %s", c.path)
	case c.op == types.OpRemove && len(c.segments) > 1:
		return noSettingToRemove(c)
	}
	return noSetting(c)
}

// The blank at the end is AWS's.
func noSettingToRemove(c change) error {
	return badRequest("Cannot remove method setting %s because there is no method setting for this method ", strings.TrimPrefix(c.path, "/"))
}

// The missing commas are AWS's.
func noSetting(c change) error {
	return badRequest("Invalid method setting path: %s. Must be one of: [/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, "+
		"/clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, "+
		"/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, "+
		"/{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, "+
		"/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, "+
		"/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, "+
		"/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, "+
		"/*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, "+
		"/*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]", c.path)
}
