// Package reference holds what every installation knows before anything is
// imported: the countries, and a government for each of them that can speak.
//
// countries.ndjson is an import stream like any other and the source of truth:
// read it, correct it, import it again. One JSON object per line: a country,
// directly followed by its government with the key gov:CODE, sorted by code,
// fields in the order of the input structs, empty ones left out.
//
// What is in it:
//
//   - the 249 countries and territories of ISO 3166-1, the 31 withdrawn ones of
//     ISO 3166-3 under their four-letter codes, and Kosovo under the
//     user-assigned XK. The numbers of withdrawn ones are those they had; some
//     are in use again, as BUMM and MM share 104.
//   - Places of contested statehood that have neither (Abkhazia, Northern
//     Cyprus, Somaliland, South Ossetia, Transnistria …) are left out: the
//     user-assigned codes in circulation for them contradict each other.
//
// How to read it:
//
//   - status is `disputed` where statehood or sovereignty is (AQ, EH, PS, TW,
//     XK), `dependency` for territories and states in association with another
//     (CK, NU), and says nothing about who is right.
//   - official_name is the formal name as the United Nations list it, for some
//     dependencies and former countries their own; disputed ones that are not
//     listed have none, and what they call themselves is an alias. capital is
//     the one the country itself names. subregion is the finest geographic
//     grouping of UN M49: Eastern Africa, not Sub-Saharan.
//   - latitude and longitude are a representative point, good to a degree or so.
//   - valid of a former country is when it existed. Where the place goes on and
//     only its code was withdrawn (FXFR, JTUM, BQAQ …) there is none.
//   - A metonym stands with the country and means its government. Where a city
//     served two states one after the other, validity tells them apart: Moscow
//     is SUHH until 1991 and RU since. An end that is a slash and nothing after
//     it is not known.
//   - A government's name begins with "Administration of" where the territory is
//     uninhabited or ruled as part of another country. de_facto is a matter of
//     recognition: AF and MM have it, nobody else, and the list is kept so short.
//
// Codes, numbers, regions, capitals and formal names are facts of ISO 3166, UN
// M49 and UNTERM as gathered in github.com/datasets/country-codes (public
// domain); points and demonyms were checked against the CIA World Factbook
// (public domain); names in other languages are those of the Unicode CLDR with
// corrections; metonyms, former names and their dates were entered by hand.
package reference

import _ "embed"

// Countries is countries.ndjson, the import stream that the package comment
// describes. It is UTF-8 in NFC and ends in a newline; don't modify it.
//
//go:embed countries.ndjson
var Countries []byte
