package formats

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"

	"onrecord/internal/claims"
)

// A conversion is one run of a format.
type conversion struct {
	context.Context
	sources []Source
	options map[string]string
	dataset string
	report  *Report
	out     *Writer
}

// A place is where a record of the source begins.
type place struct {
	file string
	line int
}

func (p place) fault(field, reason string) error { return &Error{p.file, p.line, field, reason} }

// read counts a record of the source, and ends the conversion when its context
// does.
func (c *conversion) read(at place) error {
	c.report.Read = count(c.report.Read, at.file)
	return c.Err()
}

func (c *conversion) skip(at place, reason string) {
	if c.report.Skipped++; len(c.report.Skips) < maxSkips {
		c.report.Skips = append(c.report.Skips, Skip{at.file, at.line, reason})
	}
}

// leave counts something that a record which is written can't hold.
func (c *conversion) leave(what string) { c.report.Left = count(c.report.Left, what) }

// put writes the records that one record of the source gives, or skips it.
func (c *conversion) put(at place, records ...claims.Input) (written bool, err error) {
	for _, in := range records {
		in.Head().Dataset = c.dataset
	}
	err = c.out.Put(records...)
	if refused := (*RecordError)(nil); errors.As(err, &refused) {
		c.skip(at, refused.Error())
		return false, nil
	}
	return err == nil, err
}

// key names a record of the data set. What is too long for a key is named by
// its hash.
func (c *conversion) key(kind, name string) string {
	key := c.dataset + ":" + kind + "/" + visible(norm.NFC.String(name))
	if len(key) > claims.MaxKey {
		return c.dataset + ":" + kind + "/" + fingerprint(name)
	}
	return key
}

// ref refers to what key names.
func (c *conversion) ref(kind, name string) claims.Ref { return claims.RefKey(c.key(kind, name)) }

func head(key string) claims.Header { return claims.Header{Key: key} }

// fingerprint names content that has no name of its own: 96 bits of its
// SHA-256, in hex.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:12])
}
