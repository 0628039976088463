package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// outlets are the sources and their countries, as numbers of names, of each
// article that is held, by its number. The first name is that of none.
type outlets struct {
	since     string // the hash of the last commit that changes articles or sources
	sources   []uint32
	countries []uint32
	names     dictionary
}

// outletsOf are those of the rows' articles, in the transaction's snapshot. They
// are read once, and again after a commit that changes an article or a source.
// Those of the articles in what has changed since rows were held are looked up
// each time: one may be deleted and made anew, which is no change.
func (h *held) outletsOf(ctx context.Context, tx pgx.Tx, rows *cellRows) (*outlets, error) {
	var since string
	if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT encode(hash, 'hex') FROM commits WHERE wide ORDER BY seq DESC LIMIT 1), '')`).Scan(&since); err != nil {
		return nil, err
	}
	articles := &rows.columns[heldArticles]
	known := h.outlets.Load()
	if known == nil || known.since != since {
		known = &outlets{since: since}
		known.names.number(nil)
		if err := known.read(ctx, tx, &h.columns[heldArticles].values, ""); err != nil {
			return nil, err
		}
		h.outlets.Store(known)
	}
	var changed []string
	for _, code := range articles.codes[len(h.weights):] {
		for _, n := range articles.of(code) {
			changed = append(changed, articles.values.list[n])
		}
	}
	if changed == nil {
		return known, nil
	}
	now := &outlets{since: since, sources: slices.Clone(known.sources), countries: slices.Clone(known.countries), names: known.names.with()}
	return now, now.read(ctx, tx, &articles.values, " WHERE a.id = ANY($1)", changed)
}

// read notes the outlets of all articles, or of some.
func (o *outlets) read(ctx context.Context, tx pgx.Tx, articles *dictionary, where string, args ...any) error {
	more := make([]uint32, len(articles.list)-len(o.sources))
	o.sources, o.countries = append(o.sources, more...), append(o.countries, more...)
	rows, err := tx.Query(ctx, `SELECT a.id::text, a.source::text, s.country FROM articles a LEFT JOIN sources s ON s.id = a.source`+where, args...)
	if err != nil {
		return err
	}
	var id string
	var source, country []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &source, &country}, func() error {
		if n, ok := articles.find(id); ok {
			o.sources[n], _ = o.names.number(source)
			o.countries[n], _ = o.names.number(country)
		}
		return nil
	})
	return err
}

// speakerTraits are the kinds and nationalities, as numbers of names, of each
// speaker that is held, by its number. The first name is that of none.
type speakerTraits struct {
	kinds         []uint32
	nationalities []uint32
	names         dictionary
}

// speakersOf are those, in the transaction's snapshot: they are read each time,
// since there are few, and anything may change them.
func speakersOf(ctx context.Context, tx pgx.Tx, speakers *dictionary) (*speakerTraits, error) {
	h := &speakerTraits{kinds: make([]uint32, len(speakers.list)), nationalities: make([]uint32, len(speakers.list))}
	h.names.number(nil)
	rows, err := tx.Query(ctx, `SELECT id::text, kind, nationality FROM speakers`)
	if err != nil {
		return nil, err
	}
	var id string
	var kind, nationality []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &nationality}, func() error {
		if n, ok := speakers.find(id); ok {
			h.kinds[n], _ = h.names.number(kind)
			h.nationalities[n], _ = h.names.number(nationality)
		}
		return nil
	})
	return h, err
}
