package claims

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"onrecord/internal/edtf"
)

// A Name is one by which a record is known.
type Name struct {
	Text  string
	Sort  string     // AliasKinds, or OwnName
	Valid edtf.Range // the days on which it was in use
	Of    Kind       // what it names: mostly the record itself
	ID    string
}

// OwnName is the sort of the name that a record is shown by.
const OwnName = "name"

// Named are the kinds of records that names lead to.
var Named = []Kind{KindSpeaker, KindCountry, KindSource, KindOffice, KindTopic}

// Names are those of a checked input whose record has the id; the first is the
// one it is shown by. A metonym of a country is a name of its government, the
// speaker gov:XX: "Kabul" says something, Afghanistan is where it is.
func Names(in Input, id string) []Name {
	list := []Name{}
	add := func(text, sort string, valid edtf.Date, within edtf.Date) {
		if valid.IsZero() {
			valid = within
		}
		days := edtf.Range{From: edtf.NegInf, To: edtf.PosInf}
		if !valid.IsZero() {
			days = valid.Range()
		}
		if text != "" {
			list = append(list, Name{text, sort, days, in.Kind(), id})
		}
	}
	var always edtf.Date
	switch in := in.(type) {
	case *SpeakerInput:
		add(in.Name, OwnName, always, always)
		for _, a := range in.Aliases {
			add(a.Name, a.Kind, a.Valid, always)
		}
	case *CountryInput:
		add(in.Name, OwnName, in.Valid, always)
		add(in.OfficialName, "alternative", in.Valid, always)
		add(in.Alpha3, "acronym", in.Valid, always)
		for _, a := range in.Aliases {
			add(a.Name, a.Kind, a.Valid, in.Valid)
			if a.Kind == "metonym" {
				list[len(list)-1].Of, list[len(list)-1].ID = KindSpeaker, ID("gov:"+in.Code)
			}
		}
	case *SourceInput:
		add(in.Name, OwnName, always, always)
		add(in.Domain, "alternative", always, always)
	case *OfficeInput:
		add(in.Title, OwnName, always, always)
	case *TopicInput:
		add(in.Name, OwnName, always, always)
	}
	return list
}

// Asked checks a name that is asked for: unlike one on record it may have space
// at its ends and be in any normal form.
func (c *Check) Asked(pointer, name string) {
	switch {
	case strings.TrimSpace(name) == "":
		c.Required(pointer, true)
	case utf8.RuneCountInString(name) > maxName:
		c.Add(pointer, "too_long", fmt.Sprintf("at most %d characters", maxName))
	case !utf8.ValidString(name) || invisible(strings.TrimSpace(name)):
		c.Add(pointer, "invisible", "has control, direction or zero-width characters")
	}
}
