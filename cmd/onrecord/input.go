package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An input is a file to import.
type input struct {
	name     string // as people know it
	path     string
	media    string // its Content-Type
	encoding string // its Content-Encoding, "" for none
	spooled  bool   // path is a copy of standard input, to be removed
	size     int64
	digest   []byte // SHA-256 of what is in it
}

// medias are the content types by suffix and by name, encodings the same.
var (
	medias    = map[string]string{".ndjson": "application/x-ndjson", ".json": "application/json", ".csv": "text/csv"}
	encodings = map[string]string{".gz": "gzip", ".zst": "zstd"}
)

// mediaOf tells by the suffix of a file what is in it.
func mediaOf(path string) (media, encoding string, known bool) {
	name := strings.ToLower(filepath.Base(path))
	if encoding = encodings[filepath.Ext(name)]; encoding != "" {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	media, known = medias[filepath.Ext(name)]
	return media, encoding, known
}

// inputs finds the files that paths name: directories give the files in them
// whose suffix is known, in the order of their names, "-" is standard input.
// as is the kind of content where the suffix doesn't tell, "" for none.
// Nothing is read yet; the error is a usageError.
func inputs(paths []string, as string) ([]*input, error) {
	var found []*input
	stdin := false
	for _, path := range paths {
		if path == "-" {
			if stdin {
				return nil, usageError("standard input can be read once only")
			}
			stdin = true
			if as == "" {
				as = "ndjson"
			}
			found = append(found, &input{name: "standard input", path: "-", media: medias["."+as]})
			continue
		}
		about, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, usageError(err.Error())
		case about.IsDir():
			in, err := within(path)
			if err != nil {
				return nil, err
			}
			found = append(found, in...)
		case !about.Mode().IsRegular():
			return nil, usageError(path + " is not a file that can be read twice; give it as standard input: - < " + path)
		default:
			media, encoding, known := mediaOf(path)
			if as != "" {
				media, known = medias["."+as], true
			}
			if !known {
				return nil, usageError(path + ": the name doesn't end in .ndjson, .json or .csv (then .gz or .zst); say what it is with --type")
			}
			found = append(found, &input{name: path, path: path, media: media, encoding: encoding})
		}
	}
	return found, nil
}

// within lists the files of a directory and of those in it, hidden ones
// excepted.
func within(directory string) ([]*input, error) {
	var found []*input
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != directory && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		media, encoding, known := mediaOf(path)
		if about, err := os.Stat(path); !known || entry.IsDir() || err != nil || !about.Mode().IsRegular() {
			return err
		}
		found = append(found, &input{name: path, path: path, media: media, encoding: encoding})
		return nil
	})
	if err != nil {
		return nil, usageError(err.Error())
	}
	if len(found) == 0 {
		return nil, usageError("nothing in " + directory + " ends in .ndjson, .json or .csv (then .gz or .zst)")
	}
	return found, nil
}

// spool copies standard input to a file, so that it can be sent again when an
// answer gets lost. remove takes the copy away.
func (in *input) spool(stdin io.Reader, progress func(int)) error {
	copied, err := os.CreateTemp("", "onrecord-*")
	if err != nil {
		return err
	}
	in.path, in.spooled = copied.Name(), true
	start := &beginning{}
	_, err = io.Copy(io.MultiWriter(copied, start, counter(progress)), stdin)
	if err = errors.Join(err, copied.Close()); err != nil {
		return fmt.Errorf("standard input can't be kept for sending: %w", err)
	}
	// There is no suffix to say so.
	switch {
	case bytes.HasPrefix(start.bytes, []byte{0x1f, 0x8b}):
		in.encoding = "gzip"
	case bytes.HasPrefix(start.bytes, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		in.encoding = "zstd"
	}
	return nil
}

func (in *input) remove() {
	if in.spooled {
		_ = os.Remove(in.path) // it is in the directory for temporary files
	}
}

// measure reads the file once, for its size and digest.
func (in *input) measure() error {
	file, err := os.Open(in.path)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if in.size, err = io.Copy(sum, file); err != nil {
		return err
	}
	in.digest = sum.Sum(nil)
	return nil
}

// A beginning keeps the first bytes written to it.
type beginning struct{ bytes []byte }

func (b *beginning) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p[:min(len(p), 4-len(b.bytes))]...)
	return len(p), nil
}

// A counter is told how many bytes went by.
type counter func(int)

func (c counter) Write(p []byte) (int, error) {
	c(len(p))
	return len(p), nil
}
