package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	defaultWidth  = 80 // of a terminal that doesn't tell
	progressPause = 100 * time.Millisecond
)

// terminal is the width of the terminal that w is, false where it is none.
func terminal(w io.Writer) (width int, ok bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		width = defaultWidth
	}
	return width, true
}

// A screen is where people are told things: standard error. On a terminal it
// has a last line that shows how far something is.
type screen struct {
	mu     sync.Mutex
	w      io.Writer
	live   bool // a terminal
	quiet  bool // no progress and no notes on the way
	status bool // the last line is in use
}

func newScreen(w io.Writer) *screen {
	_, live := terminal(w)
	return &screen{w: w, live: live}
}

// note writes a line.
func (s *screen) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	_, _ = fmt.Fprintln(s.w, plain(line)) // a terminal that is gone has nobody to tell
}

// remark is a note that can be done without.
func (s *screen) remark(line string) {
	if !s.quiet {
		s.note(line)
	}
}

// show puts text on the last line of a terminal.
func (s *screen) show(text string) {
	if !s.live || s.quiet {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.status = true
	_, _ = fmt.Fprint(s.w, plain(text))
}

// done takes the last line away.
func (s *screen) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *screen) clear() {
	if s.status {
		_, _ = fmt.Fprint(s.w, "\r\x1b[K")
		s.status = false
	}
}

// Write is for the progress bar, which draws the last line itself.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = true
	return s.w.Write(p)
}

// bar shows bytes that go by: how many, how fast and, where the size is known,
// how long it will take. It is nil where there is nobody to look.
func (s *screen) bar(name string, size int64) *progressbar.ProgressBar {
	if !s.live || s.quiet || size == 0 {
		return nil
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(s), progressbar.OptionSetDescription(cut(plain(filepath.Base(name)), 24)),
		progressbar.OptionShowBytes(true), progressbar.OptionShowCount(), progressbar.OptionShowTotalBytes(true), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(progressPause), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0)) // else a goroutine goes on drawing
}

// plain takes out of text what would do things to a terminal: it may quote
// what anybody has written.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c':
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// advance moves a bar, if there is one.
func advance(bar *progressbar.ProgressBar, n int) {
	if bar != nil {
		_ = bar.Add(n) // fails where a file grows, which is told elsewhere
	}
}

// thousands writes a count as people read it.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
