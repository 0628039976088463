package pgembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	firstBackoff = 100 * time.Millisecond
	maxFailures  = 7 // runs in a row that came to no session
)

// supervise runs postgres until Stop or until it can't be kept up. It keeps one
// thread for all that time, because the kernel sends the parent-death signal
// when the thread that started the child ends, not the process.
func (s *Server) supervise() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.err = s.keepUp()
	if s.err != nil {
		s.log.Error("PostgreSQL has ended", "error", s.err)
	}
	s.stop()
	unlock(s.lock)
	close(s.done)
}

func (s *Server) keepUp() error {
	failures := 0
	for {
		served, err := s.run()
		if s.stopping.Err() != nil {
			return nil
		}
		select {
		case <-s.up:
		default:
			return err // it has never worked: trying again would only hide the reason
		}
		if served {
			failures = 0
		} else if failures++; failures >= maxFailures {
			return fmt.Errorf("gave up after %d failures in a row: %w", failures, err)
		}
		wait := firstBackoff << failures // 0.1 s to 6.4 s
		s.log.Error("PostgreSQL ended unexpectedly; starting it again", "error", err, "in", wait)
		select {
		case <-s.stopping.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// run is one life of postgres. It returns when the process has ended, and says
// whether sessions were accepted in between.
func (s *Server) run() (served bool, err error) {
	if err := s.settle(s.stopping); err != nil {
		return false, err
	}
	lines := &logLines{log: s.log}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), s.arguments()...)
	cmd.Dir, cmd.Env = s.dir, environment()
	cmd.Stdout, cmd.Stderr = lines, lines
	// Wait also waits for the children that hold the pipe: a new postmaster can't
	// start while backends of a killed one still have its memory.
	cmd.WaitDelay = patience
	// Fast shutdown, should this process die. A terminal's Ctrl-C must reach us
	// first, hence (in process) a process group of its own.
	cmd.SysProcAttr = s.as.process(syscall.SIGINT)

	s.mu.Lock()
	if s.stopping.Err() != nil {
		s.mu.Unlock()
		return false, nil
	}
	if err := cmd.Start(); err != nil {
		s.mu.Unlock()
		return false, fmt.Errorf("starting postgres: %w", err)
	}
	s.cmd = cmd
	s.mu.Unlock()

	ctx, cancel := context.WithCancel(s.stopping)
	accepted := make(chan error, 1)
	go func() {
		err := s.accept(ctx)
		if refused := (*refusal)(nil); errors.As(err, &refused) {
			s.signal(syscall.SIGINT)
		}
		accepted <- err
	}()
	err = cmd.Wait()
	cancel()
	s.mu.Lock()
	s.cmd = nil
	s.mu.Unlock()

	refused := (*refusal)(nil)
	switch acceptErr := <-accepted; {
	case acceptErr == nil:
		served = true
	case errors.As(acceptErr, &refused):
		return false, acceptErr
	}
	if err == nil {
		err = errors.New("exit status 0")
	}
	return served, fmt.Errorf("postgres: %w%s", err, lines.ending())
}

// accept waits for the first session, and makes the database if it is missing:
// in a new cluster, or when its making was cut off.
func (s *Server) accept(ctx context.Context) error {
	began, socket := time.Now(), filepath.Join(s.socket, ".s.PGSQL."+port)
	for {
		err := ask(ctx, socket, name, "")
		refused := (*refusal)(nil)
		if errors.As(err, &refused) && refused.code == "3D000" { // invalid_catalog_name
			err = ask(ctx, socket, "postgres", "CREATE DATABASE "+name)
		} else if err == nil {
			break
		}
		if errors.As(err, &refused) && !refused.temporary() {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.log.Info("PostgreSQL is up", "major", s.major, "bin", s.bin, "data", s.cluster, "pid", s.PID(), "took", time.Since(began))
	select {
	case <-s.up:
	default:
		close(s.up)
	}
	return nil
}

// arguments are the command line of postgres. fsync stays as PostgreSQL has it: on.
func (s *Server) arguments() []string {
	settings := map[string]string{
		"cluster_name":    name,
		"jit":             "off", // its compile time exceeds what it saves on short queries
		"max_connections": "50",
		"shared_buffers":  "128MB",
	}
	for k, v := range s.settings {
		settings[strings.ToLower(k)] = v
	}
	maps.Copy(settings, map[string]string{
		"listen_addresses":        "",
		"log_destination":         "stderr",
		"log_line_prefix":         "", // the logger has time and level
		"logging_collector":       "off",
		"port":                    port,
		"unix_socket_directories": `"` + s.socket + `"`,
		"unix_socket_permissions": "0700",
	})
	args := []string{"-D", s.cluster}
	for _, k := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", k+"="+settings[k])
	}
	return args
}

// environment holds nothing of ours that the programs don't need: no secrets,
// no PG* variable that would change a setting, no locale.
func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, k := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// logLines passes what postgres writes to the logger, a line at a time. Errors of
// single statements stay at debug level: the client has them, and they quote data.
type logLines struct {
	log     *slog.Logger
	partial []byte
	level   slog.Level // of the message whose further lines (DETAIL, HINT) may follow
	routine bool       // whether that message is one that every start and stop brings
	last    []string   // the last lines but for the routine
}

func (l *logLines) Write(p []byte) (int, error) {
	l.partial = append(l.partial, p...)
	for {
		line, rest, whole := bytes.Cut(l.partial, []byte("\n"))
		if !whole && len(l.partial) < 64<<10 {
			return len(p), nil
		}
		if text := strings.TrimSpace(string(line)); text != "" {
			l.line(text)
		}
		l.partial = append(l.partial[:0], rest...)
	}
}

func (l *logLines) line(text string) {
	severity, message, _ := strings.Cut(text, ":  ")
	switch severity {
	case "LOG", "ERROR", "NOTICE", "INFO":
		l.level, l.routine = slog.LevelDebug, false
		if strings.Contains(message, "was terminated by signal") { // a backend crashed, and took the others with it
			l.level = slog.LevelWarn
		}
	case "WARNING", "FATAL", "PANIC":
		l.level = slog.LevelWarn
		l.routine = strings.HasPrefix(message, "the database system is ") || message == `database "`+name+`" does not exist` ||
			message == "terminating connection due to administrator command"
		if l.routine {
			l.level = slog.LevelDebug
		}
	case "DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY", "LOCATION":
	default:
		if len(l.last) == 0 {
			l.level = slog.LevelWarn // not from its log: the loader, the command line
		}
	}
	l.log.Log(context.Background(), l.level, text, "from", "postgres")
	if l.routine {
		return
	}
	if l.last = append(l.last, text); len(l.last) > 4 {
		l.last = l.last[1:]
	}
}

// ending is the last that postgres said, for an error message.
func (l *logLines) ending() string {
	if len(l.partial) > 0 {
		l.line(string(l.partial))
	}
	if len(l.last) == 0 {
		return ""
	}
	return ": " + strings.Join(l.last, " | ")
}
