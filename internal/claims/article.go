package claims

import (
	"regexp"
	"time"

	"onrecord/internal/edtf"
)

// ArticleInput is one published document of a source.
type ArticleInput struct {
	Header
	Source         Ref        `json:"source"`
	Title          string     `json:"title"`
	URL            string     `json:"url,omitzero"`
	ArchiveURL     string     `json:"archive_url,omitzero"`
	PublishedOn    edtf.Date  `json:"published_on,omitzero"`
	PublishedAt    *time.Time `json:"published_at,omitzero"`
	Language       string     `json:"language,omitzero"` // BCP 47
	Section        string     `json:"section,omitzero"`
	Dateline       string     `json:"dateline,omitzero"`
	Author         string     `json:"author,omitzero"`
	Label          string     `json:"label,omitzero"`           // a label the outlet prints ("Reliable"), as printed
	SyndicatedFrom Ref        `json:"syndicated_from,omitzero"` // the article this one takes over
	SeenVia        Ref        `json:"seen_via,omitzero"`        // the article through which alone this one is known
	ContentHash    string     `json:"content_hash,omitzero"`    // SHA-256 of the text when retrieved, in hex
	RetrievedAt    *time.Time `json:"retrieved_at,omitzero"`
}

var contentHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Kind is KindArticle.
func (*ArticleInput) Kind() Kind { return KindArticle }

// Check is as Input says.
func (in *ArticleInput) Check(c *Check) {
	in.Header.check(c, KindArticle)
	c.Required("/source", in.Source.IsZero())
	c.Ref("/source", in.Source, KindSource)
	c.Required("/title", in.Title == "")
	c.Line("/title", in.Title)
	c.URL("/url", in.URL)
	c.URL("/archive_url", in.ArchiveURL)
	c.Language("/language", in.Language)
	c.Name("/section", in.Section)
	c.Name("/dateline", in.Dateline)
	c.Name("/author", in.Author)
	c.Name("/label", in.Label)
	c.Ref("/syndicated_from", in.SyndicatedFrom, KindArticle)
	c.Ref("/seen_via", in.SeenVia, KindArticle)
	if in.ContentHash != "" && !contentHash.MatchString(in.ContentHash) {
		c.Add("/content_hash", "content_hash", "is not a SHA-256 in 64 lower-case hexadecimal digits")
	}
	c.instant("/published_at", in.PublishedAt)
	c.instant("/retrieved_at", in.RetrievedAt)
}

// instant makes t what the database keeps: in UTC, to the microsecond, in the
// years that a date can have.
func (c *Check) instant(pointer string, t *time.Time) {
	if t == nil {
		return
	}
	*t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1 || t.Year() > 9999 {
		c.Add(pointer, "range", "is not in the years 0001 to 9999")
	}
}

// Row is as Input says.
func (in *ArticleInput) Row() any {
	published := in.PublishedOn.Range()
	return struct {
		*ArticleInput
		PublishedFrom      edtf.Day `json:"published_from"`
		PublishedTo        edtf.Day `json:"published_to"`
		PublishedDays      int      `json:"published_days"`
		PublishedQualified bool     `json:"published_qualified"`
	}{in, published.From, published.To, published.Days(), in.PublishedOn.Qualified()}
}
