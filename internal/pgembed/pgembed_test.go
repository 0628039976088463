package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	createTable = `CREATE TABLE kept (n int PRIMARY KEY)`
	count       = `SELECT count(*) FROM kept`
)

func insert(n int) string { return fmt.Sprintf(`INSERT INTO kept VALUES (%d)`, n) }

func TestStartKeepsData(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, bin, missing string }{
		{"installed", "", ""},
		{"18", os.Getenv("PG18_BIN"), "PG18_BIN names no directory with the programs of PostgreSQL 18"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			switch {
			case c.bin != "":
			case c.missing != "":
				t.Skip(c.missing)
			default:
				c.bin = binDir(t)
			}
			dir := filepath.Join(t.TempDir(), "state directory") // the blank must survive in the URL
			s := startWith(t, Options{DataDir: dir, BinDir: c.bin, Settings: map[string]string{"work_mem": "5MB", "Listen_Addresses": "*"}})
			if s.Bin() != c.bin {
				t.Errorf("Bin() = %q, want %q", s.Bin(), c.bin)
			}
			if url, err := URL(dir); err != nil || url != s.URL() {
				t.Errorf("URL(dir) = %q, %v, want %q", url, err, s.URL())
			}
			for setting, want := range map[string]string{
				"fsync": "on", "data_checksums": "on", "server_encoding": "UTF8", "lc_collate": "C",
				"listen_addresses": "", "work_mem": "5MB", "max_connections": "50", "TimeZone": "UTC",
			} {
				sql := `SELECT current_setting('` + setting + `')`
				if setting == "lc_collate" { // no setting since PostgreSQL 16
					sql = `SELECT datcollate::text FROM pg_database WHERE datname = current_database()`
				}
				if got := query[string](t, s.URL(), sql); got != want {
					t.Errorf("%s = %q, want %q", setting, got, want)
				}
			}
			if got := query[string](t, s.URL(), `SELECT concat_ws(' ', lower('ÉCOLE'), 'Z' < 'a', to_tsvector('simple', '“Été”'))`); got != "école t 'été':1" {
				t.Errorf("case, order and words of text: %q", got)
			}
			for _, path := range []string{"postgres", "run", "run/.s.PGSQL.5432"} {
				info, err := os.Stat(filepath.Join(dir, path))
				must(t, err)
				if info.Mode().Perm() != 0o700 {
					t.Errorf("%s has mode %v, want 0700", path, info.Mode())
				}
			}
			if group, err := syscall.Getpgid(s.PID()); err != nil || group == syscall.Getpgrp() {
				t.Errorf("process group %d, %v: a terminal's Ctrl-C would reach postgres", group, err)
			}
			exec1(t, s.URL(), createTable)
			exec1(t, s.URL(), insert(1))

			pid := s.PID()
			stop(t, s)
			<-s.Done()
			stop(t, s)
			if !gone(pid) || s.PID() != 0 {
				t.Errorf("after Stop: process %d gone: %v; PID() = %d", pid, gone(pid), s.PID())
			}
			s = startWith(t, Options{DataDir: dir, BinDir: c.bin})
			if got := query[int](t, s.URL(), count); got != 1 {
				t.Errorf("%d rows after the second start, want 1", got)
			}
		})
	}
}

func TestKilledPostgresComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, stateWithCluster(t))
	exec1(t, s.URL(), createTable)
	for round := 1; round <= 3; round++ {
		exec1(t, s.URL(), insert(round))
		pid := s.PID()
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		within(t, 10*time.Second, "a new postgres", func() bool { return s.PID() != 0 && s.PID() != pid })
		within(t, 10*time.Second, "sessions again", func() bool {
			return ask(t.Context(), filepath.Join(s.socket, ".s.PGSQL.5432"), name, "") == nil
		})
		if got := query[int](t, s.URL(), count); got != round {
			t.Errorf("round %d: %d rows", round, got)
		}
	}
}

func TestGivesUpAfterRepeatedFailures(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{DataDir: stateWithCluster(t), BinDir: binDir(t)})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(s.cluster, "postgresql.auto.conf"), []byte("nonsense = on\n"), 0o600))
	must(t, syscall.Kill(s.PID(), syscall.SIGKILL))
	select {
	case <-s.Done():
	case <-time.After(40 * time.Second):
		t.Error("still trying")
	}
	if err := s.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "gave up") || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("Stop says %v, want why it gave up", err)
	}
	if _, err := Start(t.Context(), Options{DataDir: s.dir, BinDir: binDir(t)}); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a new start says %v, want the reason at once", err)
	}
}

func TestKilledSupervisorTakesPostgresAlong(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has a parent-death signal")
	}
	dir := stateWithCluster(t)
	c := startHelper(t, "plain", dir, binDir(t), nil)
	if c.Error != "" {
		t.Fatal(c.Error)
	}
	exec1(t, c.URL, createTable)
	for n := range 20 {
		exec1(t, c.URL, insert(n))
	}
	began := time.Now()
	must(t, c.cmd.Process.Kill())
	c.cmd.Wait()
	within(t, 5*time.Second, "the end of postgres", func() bool { return len(servers(filepath.Join(dir, "postgres"), c.PID)) == 0 })
	t.Logf("postgres ended %v after its supervisor", time.Since(began))
	s := start(t, dir)
	if got := query[int](t, s.URL(), count); got != 20 {
		t.Errorf("%d rows, 20 were acknowledged", got)
	}
}

// A restart that comes while the old postgres is still shutting down waits for it.
func TestStartRightAfterKill(t *testing.T) {
	t.Parallel()
	dir := stateWithCluster(t)
	var rows int
	for round := range 3 {
		c := startHelper(t, "plain", dir, binDir(t), nil)
		if c.Error != "" {
			t.Fatal(c.Error)
		}
		if round == 0 {
			exec1(t, c.URL, createTable)
		}
		if rows = query[int](t, c.URL, count); rows != round {
			t.Errorf("round %d: %d rows", round, rows)
		}
		exec1(t, c.URL, insert(round))
		must(t, c.cmd.Process.Kill())
		c.cmd.Wait()
	}
	start(t, dir)
}

func TestStopsAnOrphan(t *testing.T) {
	t.Parallel()
	s := start(t, stateWithCluster(t))
	exec1(t, s.URL(), createTable)
	exec1(t, s.URL(), insert(1))
	stop(t, s)
	orphan := exec.Command(filepath.Join(s.bin, "postgres"), s.arguments()...)
	orphan.SysProcAttr = s.as.process(0)
	orphan.Env = environment()
	must(t, orphan.Start())
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	within(t, 5*time.Second, "the orphan's pid file", func() bool { return readPID(filepath.Join(s.cluster, "postmaster.pid")) == orphan.Process.Pid })

	s = start(t, s.dir)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the orphan ended with %v, want a clean stop", err)
		}
	default:
		t.Error("the orphan still runs")
	}
	if got := query[int](t, s.URL(), count); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

func TestStalePIDFile(t *testing.T) {
	t.Parallel()
	s := start(t, stateWithCluster(t))
	stop(t, s)
	dead := exec.Command("/bin/true")
	must(t, dead.Run())
	for what, pid := range map[string]int{"of a dead process": dead.Process.Pid, "of a stranger": os.Getpid(), "of init": 1} {
		text := fmt.Sprintf("%d\n%s\n1\n5432\n%s\n\n 1 1\nready   \n", pid, s.cluster, s.socket)
		must(t, os.WriteFile(filepath.Join(s.cluster, "postmaster.pid"), []byte(text), 0o600))
		must(t, os.Chown(filepath.Join(s.cluster, "postmaster.pid"), s.as.uid, s.as.gid))
		again, err := Start(t.Context(), Options{DataDir: s.dir, BinDir: s.bin})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		stop(t, again)
	}
}

func TestMakesAMissingDatabase(t *testing.T) {
	t.Parallel()
	s := start(t, stateWithCluster(t))
	exec1(t, strings.Replace(s.URL(), "/onrecord?", "/postgres?", 1), `DROP DATABASE onrecord`)
	stop(t, s)
	s = start(t, s.dir)
	if got := query[string](t, s.URL(), `SELECT current_database()::text`); got != "onrecord" {
		t.Error(got)
	}
}

func TestRemovesHalfMadeClusters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "postgres.new-123", "base"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, "postgres"), 0o700)) // an empty one may stand there
	start(t, dir)
	left, _ := filepath.Glob(filepath.Join(dir, "postgres.new-*"))
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cancelled := func(after time.Duration) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), after)
		defer cancel()
		s, err := Start(ctx, Options{DataDir: dir, BinDir: binDir(t)})
		if err == nil {
			t.Logf("ready in less than %v", after)
			stop(t, s)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v, want the context's error", after, err)
		}
		if left := servers(filepath.Join(dir, "postgres"), 0); len(left) > 0 {
			t.Errorf("after %v: processes %v are left", after, left)
		}
	}
	cancelled(100 * time.Millisecond)
	cancelled(300 * time.Millisecond)

	killed := exec.Command(self())
	killed.Env = append(os.Environ(), "PGEMBED_HELPER=plain", "PGEMBED_DIR="+dir, "PGEMBED_BIN="+binDir(t))
	must(t, killed.Start())
	half := func() []string { found, _ := filepath.Glob(filepath.Join(dir, "postgres.new-*", "base")); return found }
	within(t, 10*time.Second, "initdb", func() bool { return len(half()) > 0 })
	must(t, killed.Process.Kill())
	killed.Wait()

	start(t, dir) // makes the cluster at last
	if left := half(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	dir = stateWithCluster(t)
	for ms := range 8 {
		cancelled(time.Duration(ms*20) * time.Millisecond)
	}
	start(t, dir)
}

func TestLocked(t *testing.T) {
	t.Parallel()
	s := start(t, stateWithCluster(t))
	_, err := Start(t.Context(), Options{DataDir: s.dir, BinDir: s.bin})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), s.dir) {
		t.Errorf("a second start says %v", err)
	}
	if c := startHelper(t, "plain", s.dir, s.bin, nil); !strings.Contains(c.Error, ErrLocked.Error()) {
		t.Errorf("another process says %q", c.Error)
	}
	if query[int](t, s.URL(), `SELECT 1`) != 1 {
		t.Error("the first server was disturbed")
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	s := start(t, dir)
	if strings.HasPrefix(s.socket, dir) {
		t.Errorf("the socket is in %s", s.socket)
	}
	if query[int](t, s.URL(), `SELECT 1`) != 1 {
		t.Error("no answer")
	}
	stop(t, s)
	must(t, os.Remove(s.socket))

	must(t, os.Symlink(t.TempDir(), s.socket)) // as somebody else could
	if _, err := Start(t.Context(), Options{DataDir: dir, BinDir: s.bin}); err == nil || !strings.Contains(err.Error(), s.socket) {
		t.Errorf("a planted socket directory: %v", err)
	}
	must(t, os.Remove(s.socket))
}

func TestOtherMajorIsUntouched(t *testing.T) {
	t.Parallel()
	found := installation{dir: binDir(t), major: machine()[0].major}
	for _, major := range []string{"14", "99"} {
		dir := t.TempDir()
		must(t, os.MkdirAll(filepath.Join(dir, "postgres", "base"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte(major+"\n"), 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "postgres", "base", "1"), []byte("data"), 0o600))
		before := tree(t, filepath.Join(dir, "postgres"))
		_, err := Start(t.Context(), Options{DataDir: dir, BinDir: found.dir})
		if !errors.Is(err, ErrMajor) {
			t.Fatalf("major %s: %v, want ErrMajor", major, err)
		}
		for _, word := range []string{"PostgreSQL " + major, found.String(), "pg_dump", "DATABASE_URL"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("major %s: %q does not say %q", major, err, word)
			}
		}
		if diff := cmp.Diff(before, tree(t, filepath.Join(dir, "postgres"))); diff != "" {
			t.Errorf("major %s: the data were touched: %s", major, diff)
		}
	}
}

func TestForeignDirectoryIsUntouched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "postgres"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "postgres", "letters"), []byte("mine"), 0o600))
	before := tree(t, filepath.Join(dir, "postgres"))
	if _, err := Start(t.Context(), Options{DataDir: dir, BinDir: binDir(t)}); err == nil || !strings.Contains(err.Error(), "PG_VERSION") {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff(before, tree(t, filepath.Join(dir, "postgres"))); diff != "" {
		t.Error(diff)
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		info, statErr := os.Lstat(path)
		if err = errors.Join(err, statErr); err == nil {
			all[path] = fmt.Sprint(info.Mode(), info.ModTime(), info.Size())
		}
		return err
	}))
	return all
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	var levels []string
	l := &logLines{log: slog.New(recorder(func(r slog.Record) { levels = append(levels, r.Level.String()+" "+r.Message) }))}
	for _, part := range []string{"LOG:  one\nWARN", "ING:  two\nDETAIL:  more\nERROR:  x\nSTATEMENT:  y\n", "FATAL:  the database system is starting up\nFATAL:  no space\n"} {
		l.Write([]byte(part))
	}
	want := []string{"DEBUG LOG:  one", "WARN WARNING:  two", "WARN DETAIL:  more", "DEBUG ERROR:  x", "DEBUG STATEMENT:  y",
		"DEBUG FATAL:  the database system is starting up", "WARN FATAL:  no space"}
	if diff := cmp.Diff(want, levels); diff != "" {
		t.Error(diff)
	}
	l.Write([]byte(strings.Repeat("x", 200<<10)))
	if len(l.partial) > 64<<10 {
		t.Errorf("an endless line is kept: %d bytes", len(l.partial))
	}
}

type recorder func(slog.Record)

func (recorder) Enabled(context.Context, slog.Level) bool        { return true }
func (f recorder) Handle(_ context.Context, r slog.Record) error { f(r); return nil }
func (f recorder) WithAttrs([]slog.Attr) slog.Handler            { return f }
func (f recorder) WithGroup(string) slog.Handler                 { return f }

// The handshake must survive whatever answers on the socket.
func TestAskRefusesNonsense(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]string{
		"nothing": "", "another protocol": "HTTP/1.1 400 Bad Request\r\n", "a password request": "R\x00\x00\x00\x08\x00\x00\x00\x03",
		"an empty error": "E\x00\x00\x00\x05\x00", "a cut message": "S\x00\x00\x00\x20abc",
	} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := net.Listen("unix", path)
		must(t, err)
		go func() {
			if conn, err := l.Accept(); err == nil {
				conn.Read(make([]byte, 100))
				conn.Write([]byte(answer))
				conn.Close()
			}
		}()
		if err := ask(t.Context(), path, name, ""); err == nil {
			t.Errorf("%s is taken for PostgreSQL", what)
		}
		l.Close()
	}
}
