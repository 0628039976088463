package edtf

import (
	"strings"
	"time"
)

// parseDateTime reads a day and a time of day around the T at s[10].
func parseDateTime(s string) (Date, error) {
	if isQualifier(s[len(s)-1]) {
		return Date{}, reason("a date-time takes no qualifier; qualify the day instead: 2026-02-18~")
	}
	date, err := parseDate(s[:10])
	if err != nil {
		return Date{}, err
	}
	if date.precision != PrecisionDay {
		return Date{}, reason("a date-time needs a whole day before its T: 2026-02-18T14:30:00")
	}
	c, err := parseClock(s[11:])
	if err != nil {
		return Date{}, err
	}
	if year := c.on(date.days.From).Year(); year < minYear || year > maxYear {
		return Date{}, reason("its moment in UTC is outside the years 0001 to 9999")
	}
	date.precision = PrecisionInstant
	return date, nil
}

// clock is a time of day and, where it is zoned, its distance from UTC.
type clock struct {
	seconds, offset int
	zoned           bool
}

// on returns the moment of c on day, in UTC; without a zone as if it were UTC.
func (c clock) on(day Day) time.Time {
	return time.Unix(int64(day)*secondsPerDay+int64(c.seconds-c.offset), 0).UTC()
}

// parseClock reads hh:mm:ss and an optional Z, ±hh or ±hh:mm.
func parseClock(s string) (clock, error) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return clock{}, explainClock(s)
	}
	hour, okHour := digits(s[:2])
	minute, okMinute := digits(s[3:5])
	second, okSecond := digits(s[6:8])
	switch {
	case !okHour || !okMinute || !okSecond:
		return clock{}, explainClock(s)
	case hour > 23 || minute > 59 || second > 59:
		return clock{}, refuse("there is no time %s; the last of a day is 23:59:59", s[:8])
	}
	c := clock{seconds: hour*3600 + minute*60 + second}
	zone := s[8:]
	switch {
	case zone == "":
		return c, nil
	case zone == "Z":
		c.zoned = true
		return c, nil
	case zone[0] != '+' && zone[0] != '-':
		return clock{}, explainClock(s)
	}
	zoneHour, zoneMinute, hasMinute := strings.Cut(zone[1:], ":")
	if !hasMinute {
		zoneMinute = "00"
	}
	if len(zoneHour) != 2 || len(zoneMinute) != 2 {
		return clock{}, explainClock(s)
	}
	hour, okHour = digits(zoneHour)
	minute, okMinute = digits(zoneMinute)
	switch {
	case !okHour || !okMinute:
		return clock{}, explainClock(s)
	case hour > 23 || minute > 59:
		return clock{}, refuse("there is no time zone %s", zone)
	}
	c.zoned, c.offset = true, hour*3600+minute*60
	if zone[0] == '-' {
		c.offset = -c.offset
	}
	return c, nil
}
