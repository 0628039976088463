package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A pseudoTerminal is a terminal of 80 columns that a test looks at.
type pseudoTerminal struct {
	*os.File // what the program writes to
	master   *os.File
	shown    chan string
}

func openTerminal(t *testing.T) *pseudoTerminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &pseudoTerminal{slave, master, make(chan string, 1)}
	go func() {
		text, _ := io.ReadAll(master) // ends in an error when the other side is closed
		p.shown <- strings.ReplaceAll(string(text), "\r\n", "\n")
	}()
	return p
}

// text is everything the program has written, when it is through.
func (p *pseudoTerminal) text() string {
	p.File.Close()
	return <-p.shown
}

func TestATableOnATerminalIsCutToItsWidth(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		row := `{"id":"0cb2f7d8-3a52-8bd9-8f3c-8f1f35d1a0a1","speaker":"u9","speaker_name":"Khawaja Asif","kind":"threat","voice":"attributed","text":"We will not hesitate\n to act, \u001b[2Jwe will do whatever it takes, wherever it may be","said_on":"2026-02-18","target_names":["Afghanistan","Kabul"]}`
		fmt.Fprintf(w, `{"data":[%s,%s],"next_cursor":"c"}`, row, row)
	}))
	defer service.Close()
	terminal := openTerminal(t)
	status := run(t.Context(), []string{"--url", service.URL, "query", "statements"}, none, nil, terminal.File, terminal.File)
	text := terminal.text()
	lines := strings.Split(text, "\n")
	if status != 0 || !strings.HasPrefix(lines[0], "SAID ON     SPEAKER NAME  KIND    TEXT") {
		t.Errorf("%d\n%s", status, text)
	}
	for _, line := range lines[:3] {
		if n := len([]rune(line)); n > 80 || n < 70 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(lines[1], "…") || strings.Contains(text, "\x1b") || !strings.Contains(text, "There are more") || !regexp.MustCompile(`Not shown: .*\bid\b`).MatchString(text) {
		t.Error(text)
	}
}

func TestProgressIsShownOnATerminalAndTakenAway(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"u1","state":"done","received":1,"inserted":1}`)
	}))
	defer service.Close()
	path := filepath.Join(t.TempDir(), "big.ndjson")
	if err := os.WriteFile(path, bytes.Repeat([]byte("{}\n"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, c := range []struct {
		flags, shown string
		hidden       bool
	}{{"", "writing…", false}, {"-q", "", true}} {
		terminal := openTerminal(t)
		args := append(strings.Fields("--url "+service.URL+" import "+c.flags), path)
		status := run(t.Context(), args, none, nil, &out, terminal.File)
		text := terminal.text()
		if status != 0 || !strings.Contains(text, c.shown) || c.hidden != (text == "") {
			t.Errorf("%q: %d %q", c.flags, status, text)
		}
		if !c.hidden && (!strings.Contains(text, "MB") || !strings.HasSuffix(text, "\r\x1b[K")) {
			t.Errorf("no progress, or it is left standing: %q", text)
		}
	}
}
