package store_test

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

func participants(try string, value func(w *records, p rec) string) meaning {
	return meaning{values: func(w *records, r rec, q url.Values) []string {
		return parties(w, r.list("participants"), participantRoles(q), func(p rec) string { return value(w, p) })
	}, try: try}
}

// mentioned are values of the mentions of an event.
func mentioned(try string, value func(w *records, mention rec) string) meaning {
	return meaning{values: func(w *records, r rec, _ url.Values) (list []string) {
		for _, m := range w.of(claims.KindMention, "event", r) {
			list = append(list, present(value(w, m))...)
		}
		return list
	}, try: try}
}

// somewhere reports whether a place of the event lies where it should.
func somewhere(r rec, lies func(latitude, longitude float64) bool) bool {
	return slices.ContainsFunc(r.list("places"), func(p rec) bool {
		return p["latitude"] != nil && lies(number(p.str("latitude")), number(p.str("longitude")))
	})
}

func degrees(v string) (list []float64) {
	for part := range strings.SplitSeq(v, ",") {
		list = append(list, number(part))
	}
	return list
}

// apart is the distance of two spots in kilometres, by the angle between them
// as seen from the middle of the Earth.
func apart(lat1, lon1, lat2, lon2 float64) float64 {
	vector := func(lat, lon float64) (x, y, z float64) {
		lat, lon = lat*math.Pi/180, lon*math.Pi/180
		return math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)
	}
	ax, ay, az := vector(lat1, lon1)
	bx, by, bz := vector(lat2, lon2)
	cross := math.Hypot(math.Hypot(ay*bz-az*by, az*bx-ax*bz), ax*by-ay*bx)
	return 6371.0088 * math.Atan2(cross, ax*bx+ay*by+az*bz)
}

var ofEvents = map[string]meaning{
	"q": worded("b e g", func(_ *records, r rec) []string {
		return append(each(r, "places", "name"), r.str("title"), r.str("description"))
	}),
	"kind":                {values: func(_ *records, r rec, _ url.Values) []string { return present(r.str("kind")) }, try: "bombing violence talks,violence", groups: map[string][]string{"violence": strings.Fields("attack airstrike shelling bombing clash incursion assassination capture")}},
	"country":             field("country", "PK AF none"),
	"part_of":             field("part_of", "key:ev:0 key:ev:1 none"),
	"participant_role":    {values: func(_ *records, r rec, _ url.Values) []string { return each(r, "participants", "role") }, try: "victim host,perpetrator any none", every: "any", inert: true},
	"participant":         participants("key:gov:AF none", func(_ *records, p rec) string { return p.str("speaker") }),
	"participant_country": participants("AF PK,none", (*records).country),
	"between": {holds: func(w *records, r rec, given []string, q url.Values) bool {
		in := map[string]bool{}
		for _, c := range append(parties(w, r.list("participants"), participantRoles(q), w.country), r.str("country")) {
			in[c] = slices.Contains(given, c)
		}
		n := 0
		for _, is := range in {
			if is {
				n++
			}
		}
		return n > 1
	}, try: "PK,AF"},
	"topic":   topics("security none"),
	"metric":  member("figures", "metric", "killed injured none"),
	"article": mentioned("key:art:1 none", func(_ *records, m rec) string { return m.str("article") }),
	"source":  mentioned("key:src:1 none", func(w *records, m rec) string { return w.ids[m.str("article")].str("source") }),
	"background_of": mentioned("key:st:1 key:st:2,key:st:3,key:st:4,key:st:5 none", func(_ *records, m rec) string {
		if m.str("role") != "background" {
			return ""
		}
		return m.str("statement")
	}),
	"min_low": {holds: func(_ *records, r rec, given []string, q url.Values) bool {
		return slices.ContainsFunc(r.list("figures"), func(f rec) bool {
			return slices.Contains(strings.Split(q.Get("metric"), ","), f.str("metric")) && f["low"] != nil &&
				slices.ContainsFunc(given, func(v string) bool { return number(f.str("low")) >= number(v) })
		})
	}, try: "3 4 3.5 9999"},
	"figures_disagree": told("true false", func(_ *records, r rec) bool {
		account := func(f rec) string { return f.str("given_by_article") + f.str("given_by_statement") }
		for _, a := range r.list("figures") {
			for _, b := range r.list("figures") {
				same := fmt.Sprint(a["metric"], a["unit"], a["of"], a["civilian"]) == fmt.Sprint(b["metric"], b["unit"], b["of"], b["civilian"])
				if same && account(a) != account(b) && a["high"] != nil && b["low"] != nil && number(a.str("high")) < number(b.str("low")) {
					return true
				}
			}
		}
		return false
	}),
	"bbox": {holds: func(_ *records, r rec, given []string, _ url.Values) bool {
		b := degrees(given[0])
		return somewhere(r, func(latitude, longitude float64) bool {
			if latitude < b[1] || latitude > b[3] {
				return false
			}
			for _, turn := range []float64{-360, 0, 360} { // the box laid out on an endless map
				east := b[2]
				if b[0] > b[2] {
					east += 360
				}
				if l := longitude + turn; b[0] <= l && l <= east {
					return true
				}
			}
			return false
		})
	}, try: "60,29,75,38 170,-30,-170,30 -180,-90,180,90 170,-90,180,90 -180,-90,-175,90 73.05,33.69,73.05,33.69 75,29,60,38"},
	"near": {holds: func(_ *records, r rec, given []string, q url.Values) bool {
		at, radius := degrees(given[0]), number(q.Get("radius_km"))
		return somewhere(r, func(latitude, longitude float64) bool { return apart(at[0], at[1], latitude, longitude) <= radius })
	}, try: "33.69,73.05 0,180 0,-179.5 90,0 -89,20"},
	"radius_km": {},
}
