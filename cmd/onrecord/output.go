package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An output is where a stream goes. A file appears under its name only when
// all of it is there: until then, and if anything fails, it has another name.
type output struct {
	io.Writer
	compressor io.WriteCloser // nil for none
	file       *os.File       // nil for standard output
	path       string         // of the file in the end
}

// createOutput begins a file, compressed if its name says so; with no path, or
// "-", the output is stdout as it is. A file that is there already is replaced
// in the end. Errors are usageErrors where the path can't be written to.
func createOutput(path string, stdout io.Writer) (*output, error) {
	if path == "" || path == "-" {
		return &output{Writer: stdout}, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // so that a link stays one
	}
	o := &output{path: path}
	about, err := os.Stat(path)
	switch {
	case err == nil && about.IsDir():
		return nil, usageError(path + " is a directory")
	case err == nil && !about.Mode().IsRegular():
		o.file, err = os.OpenFile(path, os.O_WRONLY, 0) // a device or a pipe can't be replaced
	default:
		hidden := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%s.part", filepath.Base(path), rand.Text()[:8]))
		o.file, err = os.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err != nil {
		return nil, usageError(err.Error())
	}
	o.Writer = o.file
	switch strings.ToLower(filepath.Ext(path)) {
	case ".gz":
		o.compressor = gzip.NewWriter(o.file)
	case ".zst":
		if o.compressor, err = zstd.NewWriter(o.file, zstd.WithEncoderConcurrency(1)); err != nil {
			return nil, errors.Join(err, o.abandon())
		}
	}
	if o.compressor != nil {
		o.Writer = o.compressor
	}
	return o, nil
}

// keep finishes the file and gives it its name.
func (o *output) keep() error {
	if o.compressor != nil {
		if err := o.compressor.Close(); err != nil {
			return errors.Join(err, o.abandon())
		}
	}
	if o.file == nil {
		return nil
	}
	if !o.replaces() {
		return o.file.Close()
	}
	if err := errors.Join(o.file.Sync(), o.file.Close()); err != nil {
		return errors.Join(err, os.Remove(o.file.Name()))
	}
	return os.Rename(o.file.Name(), o.path)
}

// abandon leaves no file.
func (o *output) abandon() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	if o.replaces() {
		err = errors.Join(err, os.Remove(o.file.Name()))
	}
	return err
}

func (o *output) replaces() bool { return o.file.Name() != o.path }
