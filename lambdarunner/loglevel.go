package lambdarunner

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A LogLevel orders what functions and the platform have to say.
type LogLevel int

// The levels of LoggingConfig, the least important first.
const (
	LevelTrace LogLevel = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelFatal
)

// ParseLogLevel reads a level as functions write it, in any case. One that is none is INFO, as for AWS (Lambda Developer
// Guide, "Log-level filtering").
func ParseLogLevel(text string) LogLevel {
	switch strings.ToUpper(text) {
	case "TRACE":
		return LevelTrace
	case "DEBUG":
		return LevelDebug
	case "WARN", "WARNING":
		return LevelWarn
	case "ERROR":
		return LevelError
	case "FATAL", "CRITICAL":
		return LevelFatal
	}
	return LevelInfo
}

// Logging is how a version of a function logs.
type Logging struct {
	JSON        bool
	System      LogLevel // the least that the platform logs, as JSON only
	Application LogLevel // the least that is kept of what the function logs, as JSON only
}

// Keeps tells whether a line of the function is important enough. What is no JSON object with a level is INFO.
func (l Logging) Keeps(line []byte) bool {
	if !l.JSON || l.Application <= LevelTrace {
		return true
	}
	level := LevelInfo
	if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("{")) {
		var said struct {
			Level any `json:"level"`
			Other any `json:"log_level"` // of uncaught errors in Python
		}
		if json.Unmarshal(line, &said) == nil {
			for _, v := range []any{said.Other, said.Level} {
				if text, ok := v.(string); ok {
					level = ParseLogLevel(text)
				}
			}
		}
	}
	return level >= l.Application
}
