package formats

import (
	"bytes"
	"net/url"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onrecord/internal/claims"
	"onrecord/reference"
)

// name makes a short text what a record's name has to be: one line in NFC,
// single spaces, nothing invisible.
func name(s string) string { return visible(norm.NFC.String(s)) }

// visible drops characters that nobody sees and folds white space into single
// spaces. Joiners between letters stay: Dari and Urdu need them.
func visible(s string) string {
	runes := []rune(s)
	letter := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsMark(runes[i]))
	}
	kept := runes[:0:0]
	for i, r := range runes {
		joins := (r == '\u200c' || r == '\u200d') && letter(i-1) && letter(i+1)
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			kept = append(kept, ' ')
		case joins || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r):
			kept = append(kept, r)
		}
	}
	return strings.Join(strings.Fields(string(kept)), " ")
}

// nameless are the words that stand where a name is not known.
var nameless = map[string]bool{
	"": true, "-": true, "--": true, "?": true, "n/a": true, "na": true, "none": true, "null": true, "nil": true, "nobody": true,
	"unknown": true, "unknown speaker": true, "unknown author": true, "not known": true, "unidentified": true, "unnamed": true,
	"unspecified": true, "unclear": true, "anonymous": true, "various": true, "tbd": true, "no name": true,
}

// named reports whether s names somebody. "Unknown" doesn't.
func named(s string) bool { return !nameless[strings.ToLower(strings.Trim(name(s), " .[]()"))] }

// slug makes a topic of the data set out of its name. Slugs are shared by all
// data sets, so it starts with the data set's own.
func (c *conversion) slug(topic string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(topic)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsMark(r) || r == '\'' || r == '’':
		default:
			b.WriteByte('-')
		}
	}
	plain := strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' }), "-")
	letters := func(r rune) bool { return unicode.IsLetter(r) && r > 0x24f } // of no Latin script
	if slug := c.dataset + "." + plain; plain != "" && len(slug) <= 63 && strings.IndexFunc(topic, letters) < 0 {
		return slug
	}
	return c.dataset + "." + fingerprint(strings.ToLower(topic))
}

// topics are the records of a list of topics and the references to them. Of
// two spellings that give one slug the first is kept.
func (c *conversion) topics(names []string, known map[string]string) (records []claims.Input, refs []claims.Ref) {
	seen := map[string]bool{}
	for _, n := range names {
		if n = name(n); n == "" {
			continue
		}
		slug := c.slug(n)
		if known[slug] == "" {
			known[slug] = n
		}
		if !seen[slug] {
			seen[slug] = true
			records = append(records, &claims.TopicInput{Slug: slug, Name: known[slug]})
			refs = append(refs, claims.RefID(slug))
		}
	}
	return records, refs
}

// countries are the names by which the countries that ship with the service
// are known, in lower case, each with its code; names of two are left out.
var countries = sync.OnceValue(func() map[string]string {
	codes := map[string]string{}
	note := func(name, code string) {
		name = strings.ToLower(name)
		if other, found := codes[name]; found && other != code {
			code = ""
		}
		codes[name] = code
	}
	for line := range bytes.Lines(reference.Countries) {
		in, err := readRecord(line)
		if err != nil {
			panic("formats: the countries that ship: " + err.Error())
		}
		if country, ok := in.(*claims.CountryInput); ok {
			note(country.Name, country.Code)
			for _, a := range country.Aliases {
				if a.Kind != "demonym" && a.Kind != "metonym" {
					note(a.Name, country.Code)
				}
			}
		}
	}
	return codes
})

// country is the code of a country by its name, "" if it isn't one.
func country(named string) string {
	lower := strings.ToLower(name(named))
	if code := countries()[lower]; code != "" {
		return code
	}
	return countries()[strings.TrimPrefix(lower, "the ")]
}

// webAddress reports whether s can stand where a record has a URL.
func webAddress(s string) bool {
	var check claims.Check
	check.URL("", s)
	return s != "" && len(check.Problems) == 0
}

// host is the name of the site that an address is at, without www.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// untitled is the title of an article of which only the address is known, as
// the sample writes it.
func untitled(address string) string {
	runes := []rune(address)
	return "[No headline known] " + string(runes[:min(len(runes), 900)])
}
