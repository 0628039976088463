package claims

import (
	"strconv"

	"onrecord/internal/edtf"
)

// CountryInput is a country, territory or former state. Its code is its id:
// ISO 3166-1 alpha-2, ISO 3166-3 (four letters) for former ones, a
// user-assigned code where ISO has none (XK).
type CountryInput struct {
	Header
	Code         string    `json:"code"`
	Name         string    `json:"name"`
	OfficialName string    `json:"official_name,omitzero"`
	Alpha3       string    `json:"alpha3,omitzero"`
	Numeric      string    `json:"numeric,omitzero"` // three digits, as text
	Region       string    `json:"region,omitzero"`
	Subregion    string    `json:"subregion,omitzero"`
	Capital      string    `json:"capital,omitzero"`
	Latitude     *float64  `json:"latitude,omitzero"`  // degrees north
	Longitude    *float64  `json:"longitude,omitzero"` // degrees east
	Status       string    `json:"status"`             // CountryStatuses
	Valid        edtf.Date `json:"valid,omitzero"`     // when it existed
	Aliases      []Alias   `json:"aliases,omitempty"`
}

// Kind is KindCountry.
func (*CountryInput) Kind() Kind { return KindCountry }

// Check is as Input says.
func (in *CountryInput) Check(c *Check) {
	in.Header.check(c, KindCountry)
	if in.Key != "" {
		c.Add("/key", "key", "a country is named by its code and has no key")
	}
	if c.Required("/code", in.Code == "") {
		if err := CheckID(KindCountry, in.Code); err != nil {
			c.Add("/code", "code", err.Error())
		}
	}
	c.Required("/name", in.Name == "")
	c.Name("/name", in.Name)
	c.Name("/official_name", in.OfficialName)
	c.Name("/region", in.Region)
	c.Name("/subregion", in.Subregion)
	c.Name("/capital", in.Capital)
	if in.Alpha3 != "" && !capitals(in.Alpha3, 3) {
		c.Add("/alpha3", "alpha3", "is not three capital letters")
	}
	if _, err := strconv.ParseUint(in.Numeric, 10, 16); in.Numeric != "" && (err != nil || len(in.Numeric) != 3) {
		c.Add("/numeric", "numeric", "is not three digits")
	}
	c.coordinates(in.Latitude, in.Longitude)
	c.Required("/status", in.Status == "")
	c.Term("/status", in.Status, CountryStatuses)
	each(c, "/aliases", in.Aliases, func(a *Alias) { a.check(c) })
}

// Row is as Input says.
func (in *CountryInput) Row() any {
	return struct {
		*CountryInput
		validity
		Aliases []aliasRow `json:"aliases"`
	}{in, valid(in.Valid), aliasRows(in.Aliases)}
}

func capitals(s string, n int) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return len(s) == n
}

func (c *Check) coordinates(latitude, longitude *float64) {
	for _, degrees := range []*float64{latitude, longitude} {
		if degrees != nil {
			*degrees += 0 // minus zero, which the database doesn't keep, becomes zero
		}
	}
	if (latitude == nil) != (longitude == nil) {
		c.Add("/latitude", "pair", "latitude and longitude are given together")
	}
	if latitude != nil && (*latitude < -90 || *latitude > 90) {
		c.Add("/latitude", "range", "is not from -90 to 90")
	}
	if longitude != nil && (*longitude < -180 || *longitude > 180) {
		c.Add("/longitude", "range", "is not from -180 to 180")
	}
}

// An Alias is another name of a country or a speaker.
type Alias struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind,omitzero"` // AliasKinds; default "alternative"
	Language string    `json:"language,omitzero"`
	Valid    edtf.Date `json:"valid,omitzero"` // when the name was in use
}

func (a *Alias) check(c *Check) {
	if a.Kind == "" {
		a.Kind = "alternative"
	}
	c.Required("/name", a.Name == "")
	c.Name("/name", a.Name)
	c.Term("/kind", a.Kind, AliasKinds)
	c.Language("/language", a.Language)
}

// validity is a period as the database filters by it: a half-open range of
// days, infinite where nothing bounds it.
type validity struct {
	ValidFrom edtf.Day `json:"valid_from"`
	ValidTo   edtf.Day `json:"valid_to"`
}

func valid(d edtf.Date) validity {
	if d.IsZero() {
		return validity{edtf.NegInf, edtf.PosInf}
	}
	r := d.Range()
	return validity{r.From, r.To}
}

type aliasRow struct {
	*Alias
	validity
}

func aliasRows(aliases []Alias) []aliasRow {
	rows := make([]aliasRow, len(aliases))
	for i := range aliases {
		rows[i] = aliasRow{&aliases[i], valid(aliases[i].Valid)}
	}
	return rows
}
