package formats

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A text is a source read as UTF-8. A byte-order mark is passed over. Invalid
// UTF-8 and NUL are errors that name the line: guessing the encoding would
// change names. Where lines end records, a last line without its end is one
// too, because nobody can tell it from a file that was cut off.
type text struct {
	file  io.ReadCloser
	r     *bufio.Reader
	name  string
	line  int    // of the next byte
	tail  []byte // the beginning of a character that the last read cut in two
	last  byte
	lines bool    // lines end records
	ends  []int64 // offsets of line ends that at has still to pass
	begun int     // line ends that at has passed
	n     int64
	fault error // what Read failed with: what follows from it in a parser is not worth telling
}

const byteOrderMark = "\ufeff"

func openText(src Source, lines bool) (*text, error) {
	file, err := src.Open()
	if err != nil {
		return nil, err
	}
	t := &text{file: file, r: bufio.NewReaderSize(file, 64<<10), name: src.Name, line: 1, lines: lines, last: '\n'}
	start, err := t.r.Peek(len(byteOrderMark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, file.Close())
	}
	if bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) {
		return nil, errors.Join(&Error{src.Name, 1, "", "is UTF-16: convert it to UTF-8 first"}, file.Close())
	}
	if string(start) == byteOrderMark {
		_, err = t.r.Discard(len(byteOrderMark))
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return t, nil
}

func (t *text) Close() error { return t.file.Close() }

// Read is as io.Reader says; errors of encoding are of type *Error.
func (t *text) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.fault = t.check(p[:n])
	if t.fault == nil && errors.Is(err, io.EOF) {
		t.fault = t.checkEnd()
	} else if t.fault == nil {
		t.fault = err
	}
	if t.fault != nil {
		return 0, t.fault
	}
	return n, err
}

func (t *text) checkEnd() error {
	switch {
	case len(t.tail) > 0:
		return t.invalid(t.tail[0])
	case t.lines && t.last != '\n':
		return &Error{t.name, t.line, "", "ends without a line break: cut off? If the file is whole, end it with one"}
	}
	return nil
}

func (t *text) check(p []byte) error {
	if len(p) > 0 {
		t.last = p[len(p)-1]
	}
	data, start := p, t.n-int64(len(t.tail))
	if len(t.tail) > 0 {
		data = slices.Concat(t.tail, p)
	}
	t.n += int64(len(p))
	for i := 0; i < len(data); {
		if c := data[i]; c == '\n' {
			t.line++
			if !t.lines {
				t.ends = append(t.ends, start+int64(i))
			}
		} else if c == 0 {
			return &Error{t.name, t.line, "", "has a NUL character: is it UTF-16?"}
		}
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			if !utf8.FullRune(data[i:]) {
				t.tail = append([]byte(nil), data[i:]...)
				return nil
			}
			return t.invalid(data[i])
		}
		i += size
	}
	t.tail = nil
	return nil
}

func (t *text) invalid(b byte) error {
	return &Error{t.name, t.line, "", fmt.Sprintf("is not UTF-8 (byte %#02x): if it is Windows-1252, convert it first, as with iconv -f WINDOWS-1252 -t UTF-8", b)}
}

// at is the line of an offset. Offsets asked for never go back.
func (t *text) at(offset int64) place {
	for len(t.ends) > 0 && t.ends[0] < offset {
		t.ends = t.ends[1:]
		t.begun++
	}
	return place{t.name, t.begun + 1}
}

// maxLine is the longest line of a file read line by line, in bytes.
const maxLine = 1 << 20

// eachLine calls do for each line of a source, without its end.
func eachLine(src Source, do func(at place, line string) error) error {
	t, err := openText(src, true)
	if err != nil {
		return err
	}
	defer t.Close()
	lines := bufio.NewScanner(t)
	lines.Buffer(nil, maxLine)
	number := 0
	for lines.Scan() {
		number++
		err := do(place{src.Name, number}, strings.TrimSuffix(lines.Text(), "\r"))
		if t.fault != nil {
			return t.fault
		}
		if err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return &Error{src.Name, number + 1, "", fmt.Sprintf("is longer than %d bytes", maxLine)}
	}
	return lines.Err()
}
