package pgembed

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lock takes the state directory for this process. The kernel gives it back when
// the process ends, however it ends; children don't inherit it, so a postgres
// that outlives us doesn't hold it: settle looks for those.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "postgres.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		f.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
	}
	if info, err := os.Stat(dir); err == nil && os.Geteuid() == 0 {
		_ = f.Chown(ids(info)) // so that root's start doesn't keep out the owner of the directory
	}
	return f, nil
}

// unlock does not rely on closing: a child that is just being forked still has the file for a moment.
func unlock(f *os.File) {
	_ = unix.Flock(int(f.Fd()), unix.LOCK_UN)
	f.Close()
}

// clusterMajor is the major version that wrote the cluster; 0: there is none yet.
func clusterMajor(cluster string) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		switch entries, err := os.ReadDir(cluster); {
		case err == nil && len(entries) > 0:
			return 0, fmt.Errorf("%s is not empty, but no PostgreSQL cluster (no PG_VERSION): move it away", cluster)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return 0, err
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || major <= 0 {
		return 0, fmt.Errorf("%s/PG_VERSION holds %q, not a supported major version", cluster, text)
	}
	return major, nil
}

// initialize makes the cluster under another name and renames it, so that a
// cluster which has its name is whole.
func (s *Server) initialize(ctx context.Context) error {
	const prefix = "postgres.new-"
	began := time.Now()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries { // half made by a start that was cut off
		if strings.HasPrefix(e.Name(), prefix) {
			if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	made, err := os.MkdirTemp(s.dir, prefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	if err := s.as.own(made); err != nil {
		return err
	}

	args := []string{"-D", made, "-U", name, "--encoding=UTF8", "--locale=C", "--data-checksums", "--auth-local=trust", "--auth-host=reject", "--no-instructions"}
	if s.major >= 17 {
		args = append(args, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	}
	// Order by code point, but letters beyond ASCII are letters (case, full-text
	// parsing); under the plain C locale they are not. Few systems lack C.UTF-8.
	out, err := s.initdb(ctx, append(args, "--lc-ctype=C.UTF-8"))
	if err != nil && strings.Contains(out, "invalid locale") {
		s.log.Warn("the system has no locale C.UTF-8: letters beyond ASCII will have no upper and lower case")
		out, err = s.initdb(ctx, args)
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(out))
	}

	if err := os.Remove(s.cluster); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty directory at most
		return err
	}
	if err := os.Rename(made, s.cluster); err != nil {
		return err
	}
	s.log.Info("made a database cluster", "data", s.cluster, "took", time.Since(began))
	return syncDir(s.dir) // initdb has synced what is below
}

// initdb runs to its end in one thread, because it is to die with us.
func (s *Server) initdb(ctx context.Context, args []string) (output string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), args...)
	cmd.Dir, cmd.Env = s.dir, environment()
	cmd.SysProcAttr = s.as.process(syscall.SIGKILL)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return string(out), err
}

// settle makes the cluster free of an earlier postgres: one that outlived its
// supervisor is asked to stop. postmaster.pid is removed only if its number has
// gone to a stranger; the file of a dead postmaster is left to PostgreSQL, which
// checks with it that no backend of that postmaster is still attached to its memory.
func (s *Server) settle(ctx context.Context) error {
	file := filepath.Join(s.cluster, "postmaster.pid")
	asked := false
	for deadline := time.Now().Add(patience); ; {
		pid := readPID(file)
		left := servers(s.cluster, pid)
		if len(left) == 0 {
			if pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				s.log.Warn("removing a stale postmaster.pid: its process is not a PostgreSQL on these data", "pid", pid)
				if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) { // it may have gone with its process
					return err
				}
				return nil
			}
			return nil
		}
		if !asked && slices.Contains(left, pid) {
			s.log.Warn("stopping a PostgreSQL that an earlier run left behind", "pid", pid)
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stopping PostgreSQL (process %d) left behind in %s: %w", pid, s.cluster, err)
			}
			asked = true
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL (processes %v) still works in %s and did not stop within %v: stop it and start again", left, s.cluster, patience)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// readPID is the postmaster's number in its pid file, 0 without one; a
// single-user postgres writes a negative number.
func readPID(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}

// socketDir is DataDir/run, unless that is too long for a socket address (104
// bytes with the final NUL on the BSDs, 108 on Linux) or has signs that separate hosts in a
// connection string: then a directory named after it among the temporary files.
func socketDir(dir string) string {
	run := filepath.Join(dir, "run")
	if fits(run) && !strings.ContainsAny(run, `,"'\`) {
		return run
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("onrecord-%x", sha256.Sum256([]byte(dir)))[:26])
}

func fits(dir string) bool { return len(dir)+len("/.s.PGSQL."+port) <= 103 }

// makeSocketDir refuses a directory of somebody else: its name can be guessed,
// and among the temporary files anybody can make it first.
func (s *Server) makeSocketDir() error {
	if !fits(s.socket) {
		return fmt.Errorf("%s is too long a path for a socket: set TMPDIR to a shorter one", s.socket)
	}
	if err := os.Mkdir(s.socket, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(s.socket)
	if err != nil {
		return err
	}
	if owner, _ := ids(info); !info.IsDir() || owner != os.Geteuid() && owner != s.as.uid {
		return fmt.Errorf("%s is not a directory of ours: remove it, or set TMPDIR to another place", s.socket)
	}
	if err := os.Chmod(s.socket, 0o700); err != nil {
		return err
	}
	return s.as.own(s.socket)
}

func ids(info fs.FileInfo) (uid, gid int) {
	stat := info.Sys().(*syscall.Stat_t)
	return int(stat.Uid), int(stat.Gid)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
