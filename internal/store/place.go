package store

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Where events took place: in a box, or near a spot. Both look at latitudes by
// an index; the rest is arithmetic.

// inBox holds of events with a place in the box of west, south, east and north.
// One whose west lies east of its east goes across the date line, on which
// 180 and -180 are the same.
const inBox = `EXISTS (SELECT FROM (SELECT ?::text[]::float8[] AS b) x, {@event_places p} AND p.latitude BETWEEN x.b[2] AND x.b[4]
	AND (CASE WHEN x.b[1] <= x.b[3] THEN p.longitude BETWEEN x.b[1] AND x.b[3] ELSE p.longitude >= x.b[1] OR p.longitude <= x.b[3] END
		OR abs(p.longitude) = 180 AND (abs(x.b[1]) = 180 OR abs(x.b[3]) = 180)))`

// nearby holds of events with a place within the radius of the spot, along a
// great circle of the mean Earth. A degree of latitude is 111.2 km of it.
const nearby = `EXISTS (SELECT FROM (SELECT ?::text[]::float8[] AS c, ((:radius_km)::text[]::float8[])[1] AS r) x, {@event_places p}
	AND p.latitude BETWEEN x.c[1] - x.r / 111 AND x.c[1] + x.r / 111
	AND 2 * 6371.0088 * asin(least(1, sqrt(sin(radians(p.latitude - x.c[1]) / 2) ^ 2
		+ cos(radians(p.latitude)) * cos(radians(x.c[1])) * sin(radians(p.longitude - x.c[2]) / 2) ^ 2))) <= x.r)`

// halfEarth is the distance to the other side, in kilometres.
const halfEarth = 20_016

// area reads west,south,east,north.
func (p *parameters) area(name, v string) ([]string, bool) {
	list, ok := p.degrees(name, v, "west,south,east,north", 180, 90, 180, 90)
	if ok && list[1] > list[3] {
		p.refuse(name, "inverted", "has its south above its north; it is west,south,east,north")
		return nil, false
	}
	return texts(list), ok
}

// spot reads latitude,longitude.
func (p *parameters) spot(name, v string) ([]string, bool) {
	list, ok := p.degrees(name, v, "latitude,longitude", 90, 180)
	return texts(list), ok
}

// degrees reads as many numbers as there are limits, none beyond its own.
func (p *parameters) degrees(name, v, form string, most ...float64) ([]float64, bool) {
	parts := strings.Split(v, ",")
	list := make([]float64, 0, len(most))
	for i, part := range parts {
		if n, ok := decimal(part); ok && i < len(most) && math.Abs(n) <= most[i] {
			list = append(list, n)
		}
	}
	if len(parts) != len(most) || len(list) != len(most) {
		p.refuse(name, "degrees", fmt.Sprintf("is not %s in decimal degrees, longitudes from -180 to 180, latitudes from -90 to 90", form))
		return nil, false
	}
	return list, true
}

// decimal reads a number as people write it: no exponent, nothing infinite.
func decimal(s string) (float64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(s) > 40 || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func texts(list []float64) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return out
}
