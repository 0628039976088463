package main

import (
	"fmt"
	"time"
)

// print writes the tables, in Markdown.
func (b *bench) print(cells []*cell, memory *footprint, writes []*writing, starts *starts, loads *loading) {
	out := func(format string, args ...any) { fmt.Fprintf(b.stdout, format+"\n", args...) }
	out("\n%d statements, %d connections, median of %d rounds of %d s", b.world.Statements, b.connections, rounds, b.seconds)
	if cells != nil {
		out("\n| | requests/s: plain rows | pgbench | bare HTTP | service | of pgbench | goal | | pgbench of plain rows | of bare HTTP | p50 ms | p99 ms |\n|---|--:|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|")
	}
	rates := map[string]float64{}
	for _, c := range cells {
		if c.rounds == nil {
			continue
		}
		of := func(f func(round) float64) float64 { return median(c.rounds, f) }
		share := of(func(r round) float64 { return r.service.rate() / r.pgbench })
		rates[c.name] = of(func(r round) float64 { return r.service.rate() })
		out("| %s: %s | %.0f | %.0f | %.0f | %.0f | **%.0f %%** | ≥ %.0f %% | %s | %.0f %% | %.0f %% | %.2f | %.2f |", c.name, c.what,
			of(func(r round) float64 { return r.plain }), of(func(r round) float64 { return r.pgbench }), of(func(r round) float64 { return r.bare }), rates[c.name],
			100*share, 100*c.goal, verdict(share >= c.goal), 100*of(func(r round) float64 { return r.pgbench / r.plain }), 100*of(func(r round) float64 { return r.service.rate() / r.bare }),
			of(func(r round) float64 { return r.service.P50 / 1000 }), of(func(r round) float64 { return r.service.P99 / 1000 }))
	}
	if rates["deep"] > 0 && rates["first"] > 0 {
		slower := rates["first"] / rates["deep"]
		out("\nPages from %d on take %.2f times as long as the first (goal ≤ 1.2: %s).", deepPage, slower, verdict(slower <= 1.2))
	}
	if writes != nil {
		out("\n| writers | flushes/s | commits/s: inserts without a commit number | the same with one | share | service | of the same with one |\n|--:|--:|--:|--:|--:|--:|--:|")
	}
	for _, w := range writes {
		if w.rounds == nil {
			continue
		}
		of := func(f func(written) float64) float64 { return median(w.rounds, f) }
		out("| %d | %.0f | %.0f | %.0f | %.0f %% | %.0f | %.0f %% |", w.writers, of(func(r written) float64 { return r.flushes }), of(func(r written) float64 { return r.unsealed }), of(func(r written) float64 { return r.sealed }),
			100*of(func(r written) float64 { return r.sealed / r.unsealed }), of(func(r written) float64 { return r.service }), 100*of(func(r written) float64 { return r.service / r.sealed }))
	}
	if memory != nil || starts != nil {
		out("\n| | | goal | |\n|---|--:|--:|---|")
	}
	if memory != nil {
		out("| memory of the service, started | %.0f MB | ≤ %d MB | %s |", memory.started, idleGoal, verdict(memory.started <= idleGoal))
		out("| the most under load, %d connections | %.0f MB | ≤ %d MB | %s |", loadConnections, memory.most, loadedGoal, verdict(memory.most <= loadedGoal))
		out("| 10 s after the load | %.0f MB | | |", memory.after)
	}
	if starts != nil && starts.later != nil {
		seconds := func(d time.Duration) float64 { return d.Seconds() }
		first, later := median(starts.first, seconds), median(starts.later, seconds)
		out("| first start with a database of its own | %.2f s | ≤ %.0f s | %s |", first, firstGoal.Seconds(), verdict(first <= firstGoal.Seconds()))
		out("| later start | %.2f s | ≤ %.0f s | %s |", later, laterGoal.Seconds(), verdict(later <= laterGoal.Seconds()))
	}
	if loads != nil {
		loads.print(out)
	}
}

// print writes what loading costs, each figure beside what it is held against.
func (l *loading) print(out func(format string, args ...any)) {
	const mb = 1 << 20
	out("\n| | service | held against | | ratio | goal | |\n|---|--:|---|--:|--:|--:|---|")
	if l.facts > 0 { // the last that is measured
		rate := func(d time.Duration) float64 { return float64(l.tally.Records) / d.Seconds() }
		share := l.raw.Seconds() / l.imported.Seconds()
		out("| import of %d records (%d lines, %d MB), records/s | %.0f | COPY of the same %d rows | %.0f | **%.0f %%** | ≥ %.0f %% | %s |", l.tally.Records, l.tally.Lines, l.bytes/mb,
			rate(l.imported), l.rows, rate(l.raw), 100*share, 100*importGoal, verdict(share >= importGoal))
		faster := l.imported.Seconds() / l.again.Seconds()
		out("| the same again, which writes nothing, records/s | %.0f | the first time | %.0f | **%.1f times** | ≥ %.0f | %s |", rate(l.again), rate(l.imported), faster, againGoal, verdict(faster >= againGoal))
		out("| the most memory, %d records, MB | %.0f | an import of %d | %.0f | %.2f times | ≤ %d MB | %s |", l.tally.Records, l.large, l.fewer.Records, l.small, l.large/l.small, loadedGoal, verdict(max(l.small, l.large) <= loadedGoal))
		cost := l.facts.Seconds() / l.rest.Seconds()
		out("| facts of %d statements, s in the database | %.1f | the rest of the transaction | %.1f | **%.0f %%** | ≤ %.0f %% | %s |", l.tally.Statements, l.facts.Seconds(), l.rest.Seconds(), 100*cost, 100*factsGoal, verdict(cost <= factsGoal))
	}
	if l.exports != nil {
		share := median(l.exports, func(e exported) float64 { return e.floor.Seconds() / e.service.Seconds() })
		rate := func(of func(exported) time.Duration) float64 {
			return median(l.exports, func(e exported) float64 { return float64(l.exportLines) / of(e).Seconds() })
		}
		out("| export of %d lines, lines/s | %.0f | COPY TO of the same tables | %.0f | **%.0f %%** | ≥ %.0f %% | %s |", l.exportLines,
			rate(func(e exported) time.Duration { return e.service }), rate(func(e exported) time.Duration { return e.floor }), 100*share, 100*exportGoal, verdict(share >= exportGoal))
	}
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}
