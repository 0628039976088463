// Package edtf reads, prints and compares vague dates after EDTF, the Extended
// Date/Time Format of ISO 8601-2: all of level 0, level 1 but for years outside
// 0001–9999, and the one-of sets of level 2.
//
//	2026-02-18  2025-10  2025       a day, a month, a year
//	2026-02-18T14:30:00Z            an instant; also +05:00, +05, or no zone at all
//	2025?  2025-05~  2026-02-18%    uncertain, approximate, both; the range stays as written
//	196X  19XX                      a decade, a century
//	2025-XX  2025-XX-XX  2025-02-XX an unspecified month or day
//	2025-21 … 2025-24               a season
//	2026-02-16/2026-02-18           lasted from … to …
//	2025/..  ../2025                lasted, with an open end
//	2025/  /2025                    lasted, with an unknown end, which counts as open
//	[2025-05..2025-06]  [2023,2025] one moment among these
//	[..2026-02-19]  [2025..]        one moment, not after or not before
//
// A Date keeps the words it was written in and knows the half-open [Range] of
// the days it can mean. Days are local days as written: a time zone places an
// instant, it never moves a day.
//
// EDTF leaves the months of a season to the reader. Here they are the
// meteorological seasons of the northern hemisphere, by convention and whatever
// the place: 21 is March to May, 22 June to August, 23 September to November,
// 24 December to February of the next year.
//
// Everything else in the standard is refused by name: negative and long years,
// all-of sets {…}, significant digits, the season codes 25–41, other places for X,
// and qualifiers on part of a date (all level 2).
package edtf
