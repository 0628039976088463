package pgembed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// The test binary is also the process that is killed, or that runs as another
// user: with PGEMBED_HELPER set it starts a server, says so on its output, and
// stops it when its input ends.
func TestMain(m *testing.M) {
	if os.Getenv("PGEMBED_HELPER") != "" {
		os.Exit(helper())
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if templateDir != "" {
			os.RemoveAll(templateDir)
		}
		os.Exit(code)
	}))
}

type report struct {
	URL, Error  string
	PID         int
	Unavailable bool // ErrAccount
}

func helper() int {
	if os.Getenv("PGEMBED_HELPER") == "without namespaces" {
		// The limit counts for the user namespace this process was put in, not for the machine.
		if err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0); err != nil {
			panic(err)
		}
	}
	s, err := Start(context.Background(), Options{
		DataDir: os.Getenv("PGEMBED_DIR"), BinDir: os.Getenv("PGEMBED_BIN"),
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		json.NewEncoder(os.Stdout).Encode(report{Error: err.Error(), Unavailable: errors.Is(err, ErrAccount)})
		return 1
	}
	json.NewEncoder(os.Stdout).Encode(report{URL: s.URL(), PID: s.PID()})
	io.Copy(io.Discard, os.Stdin)
	if err := s.Stop(context.Background()); err != nil {
		panic(err)
	}
	return 0
}

type child struct {
	report
	cmd   *exec.Cmd
	stdin io.Closer
}

// startHelper starts a server in a process of its own.
func startHelper(t *testing.T, mode, dir, bin string, attr *syscall.SysProcAttr) *child {
	t.Helper()
	cmd := exec.Command(self())
	cmd.Env = append(os.Environ(), "PGEMBED_HELPER="+mode, "PGEMBED_DIR="+dir, "PGEMBED_BIN="+bin)
	cmd.Dir, cmd.SysProcAttr, cmd.Stderr = "/", attr, t.Output()
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &child{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &c.report)
	}
	if err != nil {
		t.Fatalf("helper: %q: %v, %v", line, err, cmd.Wait())
	}
	if c.Error != "" {
		cmd.Wait()
	}
	return c
}

func self() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe" // reachable by any user
	}
	return os.Args[0]
}

func (c *child) stop(t *testing.T) {
	t.Helper()
	c.stdin.Close()
	must(t, c.cmd.Wait())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var machine = sync.OnceValue(func() []installation {
	all := installed(context.Background(), "", slog.New(slog.DiscardHandler))
	return slices.DeleteFunc(all, func(i installation) bool { return i.major < minMajor })
})

// binDir is a PostgreSQL of this machine.
func binDir(t *testing.T) string {
	t.Helper()
	if len(machine()) == 0 {
		t.Skipf("no PostgreSQL %d or newer is installed", minMajor)
	}
	return machine()[0].dir
}

// tempDir is a state directory that any user can reach, owned by uid.
func tempDir(t *testing.T, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgembed-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o711))
	must(t, os.Chown(dir, uid, -1))
	return dir
}

// start starts a server that the test's end stops.
func start(t *testing.T, dir string) *Server {
	t.Helper()
	return startWith(t, Options{DataDir: dir, BinDir: binDir(t)})
}

func startWith(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	began := time.Now()
	s, err := Start(t.Context(), o)
	must(t, err)
	t.Logf("started in %v", time.Since(began))
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error("Stop:", err)
	}
}

// query runs one statement and returns its single value.
func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer conn.Close(context.Background())
	var value T
	if err := conn.QueryRow(ctx, sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// within fails the test if the condition does not come true in time.
func within(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for began := time.Now(); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

var templateDir string

var template = sync.OnceValue(func() error {
	var err error
	if templateDir, err = os.MkdirTemp("", "pgembed-template-"); err != nil {
		return err
	}
	s, err := Start(context.Background(), Options{DataDir: templateDir, BinDir: machine()[0].dir})
	if err != nil {
		return err
	}
	return s.Stop(context.Background())
})

// stateWithCluster is a state directory with a fresh, stopped cluster in it, sooner than initdb makes one.
func stateWithCluster(t *testing.T) string {
	t.Helper()
	binDir(t)
	must(t, template())
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "postgres"), os.DirFS(filepath.Join(templateDir, "postgres"))))
	must(t, os.Chmod(filepath.Join(dir, "postgres"), 0o700))
	info, err := os.Stat(filepath.Join(templateDir, "postgres"))
	must(t, err)
	if uid, gid := ids(info); uid != os.Geteuid() { // root, and no user namespaces
		must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, uid, gid))
		}))
	}
	return dir
}
