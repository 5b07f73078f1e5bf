package docker

import (
	"context"
	"encoding/json"
	"sync/atomic"

	"github.com/docker/docker/api/types/container"
)

// A memoryGauge holds the most memory a container was seen to use. The engine measures
// once a second, so a short peak may be missed.
type memoryGauge struct{ peak atomic.Int64 }

// MB rounds up.
func (g *memoryGauge) MB() int { return int((g.peak.Load() + 1<<20 - 1) >> 20) }

// follow reads the engine's measurements until the container or ctx ends.
func (g *memoryGauge) follow(ctx context.Context, l *Launcher, id string) {
	stream, err := l.cli.ContainerStats(ctx, id, true)
	if err != nil {
		return
	}
	defer stream.Body.Close()
	for d := json.NewDecoder(stream.Body); ; {
		var s container.StatsResponse
		if d.Decode(&s) != nil {
			return
		}
		g.note(s.MemoryStats)
	}
}

// note takes the file cache off, as "docker stats" does. Only follow calls it.
func (g *memoryGauge) note(m container.MemoryStats) {
	used := int64(m.Usage)
	for _, cache := range []string{"total_inactive_file", "inactive_file"} {
		if v, ok := m.Stats[cache]; ok {
			used -= int64(v)
			break
		}
	}
	if used > g.peak.Load() {
		g.peak.Store(used)
	}
}
