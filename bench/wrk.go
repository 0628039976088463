package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// wrkScript asks for a random one of the paths in a file, and prints what was
// measured as JSON.
const wrkScript = `
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end
function init(args)
  math.randomseed(tonumber(args[2]) * 100 + number)
  requests = {}
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end
function request()
  return requests[math.random(#requests)]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\nMEASURED {"requests":%d,"micros":%d,"bytes":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`

// A load is what wrk measured.
type load struct {
	Requests int     `json:"requests"`
	Micros   float64 `json:"micros"`
	Bytes    float64 `json:"bytes"`
	Errors   int     `json:"errors"` // answers of 400 and above among them
	P50      float64 `json:"p50"`    // µs
	P99      float64 `json:"p99"`
}

func (l load) rate() float64 { return float64(l.Requests) * 1e6 / l.Micros }

// wrk puts a server under load with requests for random ones of the paths.
func (b *bench) wrk(ctx context.Context, address string, paths []string, connections, seed int) (load, error) {
	script, list := filepath.Join(b.temp, "load.lua"), filepath.Join(b.temp, "paths")
	for file, text := range map[string]string{script: wrkScript, list: strings.Join(paths, "\n") + "\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return load{}, err
		}
	}
	out, err := exec.CommandContext(ctx, "wrk", "-t2", "-c"+strconv.Itoa(connections), fmt.Sprintf("-d%ds", b.seconds), "--timeout", "20s",
		"-s", script, address, "--", list, strconv.Itoa(seed)).CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	_, measured, found := strings.Cut(string(out), "MEASURED ")
	var l load
	if err := json.Unmarshal([]byte(strings.TrimSpace(measured)), &l); !found || err != nil {
		return load{}, fmt.Errorf("wrk printed no figures: %s", out)
	}
	return l, nil
}
