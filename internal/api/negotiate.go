package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A preference is one value of a header that weighs them (RFC 9110, 12.4.2).
type preference struct {
	name string
	q    float64
}

// preferences are the values of such a header, the most wanted first, as listed
// where they weigh the same. A weight that can't be read is 1.
func preferences(headers []string) []preference {
	var list []preference
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(part, ";")
			p := preference{strings.ToLower(strings.TrimSpace(name)), 1}
			for param := range strings.SplitSeq(params, ";") {
				key, value, _ := strings.Cut(strings.TrimSpace(param), "=")
				if q, err := strconv.ParseFloat(value, 64); strings.EqualFold(key, "q") && err == nil && q >= 0 && q <= 1 {
					p.q = q
				}
			}
			if p.name != "" {
				list = append(list, p)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b preference) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	return list
}

// media are the types of the formats.
var media = map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson", "geojson": "application/geo+json"}

// accepts are the formats by what Accept calls them.
var accepts = map[string]string{
	"application/json": "json", "*/*": "json", "application/*": "json", "text/csv": "csv", "text/*": "csv",
	"application/x-ndjson": "ndjson", "application/ndjson": "ndjson", "application/jsonl": "ndjson", "application/geo+json": "geojson",
}

// accepted is the format of those there are that the Accept header wants most;
// JSON where it wants none of them: an answer in another form is more use than
// a 406.
func accepted(r *http.Request, formats []string) string {
	for _, p := range preferences(r.Header.Values("Accept")) {
		if format := accepts[p.name]; p.q > 0 && slices.Contains(formats, format) {
			return format
		}
	}
	return formats[0]
}

// codingOf is the content coding that Accept-Encoding wants most, "" for none,
// and whether it refuses an answer without. An asterisk is read as gzip. Where
// nothing that we have will do, the answer comes as it is.
func codingOf(headers []string) (coding string, must bool) {
	if len(headers) == 0 {
		return "", false
	}
	weights := map[string]float64{}
	for _, p := range preferences(headers) {
		name := strings.TrimPrefix(p.name, "x-")
		if _, ok := weights[name]; !ok {
			weights[name] = p.q
		}
	}
	rest, anything := weights["*"]
	if _, ok := weights["gzip"]; !ok && anything {
		weights["gzip"] = rest
	}
	plain, named := weights["identity"]
	for _, c := range []string{"zstd", "gzip"} {
		if q := weights[c]; q > 0 && q >= plain && (coding == "" || q > weights[coding]) {
			coding = c
		}
	}
	return coding, named && plain == 0 || !named && anything && rest == 0
}
