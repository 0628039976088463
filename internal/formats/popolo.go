package formats

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"onrecord/internal/claims"
)

var popolo = &Format{
	Name: "popolo", Title: "Popolo: persons, organizations, posts and memberships (JSON)", Dataset: "popolo",
	Inputs: []Input{{Name: "popolo", Title: "one JSON object with the four lists; ids are of the file, so one file at a time"}},
	Options: []Option{datasetOption("popolo"),
		{Name: "classifications", Title: "what organizations are whose classification is not known here: committee=legislature,unit=ministry"}},
	convert: convertPopolo,
}

// popoloKinds are the classifications that say what a body is. Popolo leaves
// the word to the publisher; others need the option.
var popoloKinds = map[string]string{
	"party": "party", "political party": "party", "legislature": "legislature", "parliament": "legislature", "chamber": "legislature",
	"lower house": "legislature", "upper house": "legislature", "government": "government", "ministry": "ministry", "department": "ministry",
	"government department": "ministry", "court": "court", "tribunal": "court", "military": "military", "company": "company", "ngo": "ngo",
}

// The parts of a Popolo document that are carried over. Whatever else an
// object has is counted as left out, by name.
type (
	popoloRest map[string]jsontext.Value

	popoloName struct {
		Name      string     `json:"name"`
		StartDate string     `json:"start_date"`
		EndDate   string     `json:"end_date"`
		Rest      popoloRest `json:",embed"`
	}
	popoloIdentifier struct {
		Scheme     string     `json:"scheme"`
		Identifier string     `json:"identifier"`
		Rest       popoloRest `json:",embed"`
	}
	popoloActor struct {
		ID             string             `json:"id"`
		Name           string             `json:"name"`
		OtherNames     []popoloName       `json:"other_names"`
		Identifiers    []popoloIdentifier `json:"identifiers"`
		Classification string             `json:"classification"` // of an organization
		ParentID       string             `json:"parent_id"`      // of an organization
		Rest           popoloRest         `json:",embed"`
	}
	popoloPost struct {
		ID             string     `json:"id"`
		Label          string     `json:"label"`
		Role           string     `json:"role"`
		OrganizationID string     `json:"organization_id"`
		Rest           popoloRest `json:",embed"`
	}
	popoloMembership struct {
		ID             string     `json:"id"`
		PersonID       string     `json:"person_id"`
		OrganizationID string     `json:"organization_id"`
		PostID         string     `json:"post_id"`
		Role           string     `json:"role"`
		StartDate      string     `json:"start_date"`
		EndDate        string     `json:"end_date"`
		Rest           popoloRest `json:",embed"`
	}
)

type popoloConversion struct {
	*conversion
	kinds map[string]string  // by classification
	types map[string]string  // of organizations, by id: their kind
	known map[string]element // organizations that are still to be written, by id
	lists map[string][]element
}

// convertPopolo holds the document: what refers and what is referred to stand
// in any order.
func convertPopolo(c *conversion) error {
	if len(c.sources) > 1 {
		return fmt.Errorf("%d files: ids are of one file, convert one at a time", len(c.sources))
	}
	p := &popoloConversion{conversion: c, kinds: map[string]string{}, types: map[string]string{}, known: map[string]element{}, lists: map[string][]element{}}
	for given := range strings.SplitSeq(c.options["classifications"], ",") {
		word, kind, found := strings.Cut(given, "=")
		if given != "" && (!found || !claims.SpeakerKinds.Has(kind)) {
			return &OptionError{"classifications", fmt.Sprintf("%q is not a classification, = and a kind of speaker", given)}
		}
		p.kinds[strings.ToLower(name(word))] = kind
	}
	if err := p.readLists(c.sources[0]); err != nil {
		return err
	}
	for _, step := range []struct {
		list    string
		convert func(element) error
	}{{"organizations", p.knowOrganization}, {"organizations", p.organization}, {"persons", p.person}, {"posts", p.post}, {"memberships", p.membership}} {
		for _, e := range p.lists[step.list] {
			if err := step.convert(e); err != nil {
				return err
			}
			if err := c.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *popoloConversion) readLists(src Source) error {
	doc, err := openDocument(src)
	if err != nil {
		return err
	}
	defer doc.Close()
	err = doc.members(func(list string) error {
		switch list {
		case "persons", "organizations", "posts", "memberships":
			return doc.elements(func(e element) error {
				c.report.Read = count(c.report.Read, list)
				c.lists[list] = append(c.lists[list], element{e.at, e.value.Clone()})
				return nil
			})
		}
		c.leave(list + ": not read")
		_, err := doc.element()
		return err
	})
	if err == nil {
		err = doc.end()
	}
	if err == nil && len(c.lists) == 0 {
		err = place{src.Name, 1}.fault("", "has none of the lists persons, organizations, posts, memberships")
	}
	return err
}

func (c *popoloConversion) rest(object string, rest popoloRest) {
	names := make([]string, 0, len(rest))
	for n := range rest {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		c.leave(object + "." + n + ": no place")
	}
}

var wikidataItem = regexp.MustCompile(`^Q[1-9][0-9]{0,11}$`)

// speaker is what persons and organizations have in common.
func (c *popoloConversion) speaker(e element, object, kind string, in *popoloActor) (*claims.SpeakerInput, error) {
	record := &claims.SpeakerInput{Header: head(c.key(object, in.ID)), Name: name(in.Name), SpeakerKind: kind}
	for _, other := range in.OtherNames {
		used, err := span(popoloDay(other.StartDate), popoloDay(other.EndDate))
		if err != nil {
			return nil, e.at.fault("other_names", err.Error())
		}
		alias := claims.Alias{Name: name(other.Name), Valid: used}
		if other.EndDate != "" {
			alias.Kind = "former_name"
		}
		if named(alias.Name) && !slices.Contains(record.Aliases, alias) {
			record.Aliases = append(record.Aliases, alias)
		}
		c.rest(object+".other_names", other.Rest)
	}
	for _, id := range in.Identifiers {
		if strings.EqualFold(id.Scheme, "wikidata") && wikidataItem.MatchString(id.Identifier) {
			record.WikidataID = id.Identifier
		} else {
			c.leave(object + ".identifiers of scheme " + name(id.Scheme) + ": no place")
		}
	}
	c.rest(object, in.Rest)
	return record, nil
}

// knowOrganization notes what an organization is, before anything refers to it.
func (c *popoloConversion) knowOrganization(e element) error {
	var in popoloActor
	if err := e.decode(&in); err != nil {
		return err
	}
	word := strings.ToLower(name(in.Classification))
	kind := c.kinds[word]
	if kind == "" {
		kind = popoloKinds[word]
	}
	switch {
	case in.ID == "":
		return e.at.fault("id", "is missing")
	case kind == "":
		c.skip(e.at, fmt.Sprintf("the classification %q does not say what %s is: see the option classifications", word, name(in.Name)))
	case !named(in.Name):
		c.skip(e.at, "names nobody")
	default:
		c.types[in.ID], c.known[in.ID] = kind, e
	}
	return nil
}

// organization writes an organization after the one that it is part of.
func (c *popoloConversion) organization(e element) error {
	var in popoloActor
	if err := e.decode(&in); err != nil {
		return err
	}
	kind := c.types[in.ID]
	if _, waits := c.known[in.ID]; !waits {
		return nil
	}
	delete(c.known, in.ID)
	if parent, waits := c.known[in.ParentID]; waits {
		if err := c.organization(parent); err != nil {
			return err
		}
	}
	record, err := c.speaker(e, "organization", kind, &in)
	if err != nil {
		return err
	}
	if parent := c.ref("organization", in.ParentID); c.out.Has(parent.Key()) {
		record.PartOf = parent
	} else if in.ParentID != "" {
		c.leave("organization.parent_id: of one that is not written")
	}
	_, err = c.put(e.at, record)
	return err
}

func (c *popoloConversion) person(e element) error {
	var in popoloActor
	if err := e.decode(&in); err != nil {
		return err
	}
	if in.ID == "" {
		return e.at.fault("id", "is missing")
	}
	if !named(in.Name) {
		c.skip(e.at, "names nobody")
		return nil
	}
	record, err := c.speaker(e, "person", "person", &in)
	if err != nil {
		return err
	}
	_, err = c.put(e.at, record)
	return err
}

func (c *popoloConversion) post(e element) error {
	var in popoloPost
	if err := e.decode(&in); err != nil {
		return err
	}
	if in.ID == "" {
		return e.at.fault("id", "is missing")
	}
	office := &claims.OfficeInput{Header: head(c.key("post", in.ID)), Title: name(in.Label), Body: c.body(in.OrganizationID)}
	if office.Title == "" {
		office.Title = name(in.Role)
	} else if in.Role != "" && name(in.Role) != office.Title {
		c.leave("post.role: beside a label")
	}
	c.rest("post", in.Rest)
	_, err := c.put(e.at, office)
	return err
}

// body refers to an organization that is written, if it is.
func (c *popoloConversion) body(organization string) claims.Ref {
	if body := c.ref("organization", organization); c.out.Has(body.Key()) {
		return body
	}
	if organization != "" {
		c.leave("organization_id: of one that is not written, the office stands without a body")
	}
	return claims.Ref{}
}

// membership writes a tenure where somebody holds a post, or a role that is
// one, at a time that is given. To belong to something is no office.
func (c *popoloConversion) membership(e element) error {
	var in popoloMembership
	if err := e.decode(&in); err != nil {
		return err
	}
	who, role := c.ref("person", in.PersonID), name(in.Role)
	held, err := span(popoloDay(in.StartDate), popoloDay(in.EndDate))
	if err != nil {
		c.skip(e.at, "start_date, end_date: "+err.Error())
		return nil
	}
	var records []claims.Input
	office := c.ref("post", in.PostID)
	if in.PostID == "" {
		office = c.ref("office", in.OrganizationID+"/"+role)
		records = append(records, &claims.OfficeInput{Header: head(office.Key()), Title: role, Body: c.ref("organization", in.OrganizationID)})
	}
	switch plain := strings.EqualFold(role, "member"); {
	case in.PersonID == "" || !c.out.Has(who.Key()):
		c.skip(e.at, "is of nobody in persons who is named")
	case in.PostID != "" && !c.out.Has(office.Key()):
		c.skip(e.at, "post_id is in none of the posts written")
	case in.PostID == "" && (role == "" || plain && c.types[in.OrganizationID] != "legislature"):
		c.skip(e.at, "names no post and no role that is an office")
	case in.PostID == "" && !c.out.Has(c.key("organization", in.OrganizationID)):
		c.skip(e.at, "is in an organization that is not written")
	case held.IsZero():
		c.skip(e.at, "has no date, and a title without a date is no tenure")
	default:
		c.rest("membership", in.Rest)
		if in.PostID != "" && role != "" {
			c.leave("membership.role: beside a post")
		}
		id := in.ID
		if id == "" {
			id = fingerprint(in.PersonID, in.OrganizationID, in.PostID, role, in.StartDate, in.EndDate)
		}
		_, err = c.put(e.at, append(records, &claims.TenureInput{Header: head(c.key("membership", id)), Speaker: who, Office: office, Held: held})...)
	}
	return err
}

var popoloInstant = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})T`)

// popoloDay is the day of a date-time, and any other date as it is: a year or
// a month will do.
func popoloDay(date string) string {
	if m := popoloInstant.FindStringSubmatch(date); m != nil {
		return m[1]
	}
	return date
}
