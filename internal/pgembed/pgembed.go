// Package pgembed runs a private PostgreSQL beside the service, for when no
// DATABASE_URL is given: it finds the programs, makes the cluster, keeps the
// server up and stops it cleanly, also when this process is killed.
//
// A state directory holds postgres (the cluster), run (the socket), bin (downloaded
// programs) and postgres.lock. There is no TCP port and no password: who may
// enter the socket's directory (mode 0700) may enter the database.
package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	// ErrLocked: another process, or another Server of this one, uses the state directory.
	ErrLocked = errors.New("the embedded database is in use by another process")
	// ErrNoBinaries: no PostgreSQL was found that can be used, and none may be downloaded.
	ErrNoBinaries = errors.New("no usable PostgreSQL")
	// ErrMajor: PostgreSQL was found, but not of the major that wrote the data.
	ErrMajor = errors.New("PostgreSQL of another major")
	// ErrAccount: no user was found under which PostgreSQL agrees to run.
	ErrAccount = errors.New("no user to run PostgreSQL as")
)

const (
	name = "onrecord" // of the database and of its only role
	port = "5432"     // no port, but a part of the socket's name

	patience = 20 * time.Second // with a server that was asked to stop
)

// Options say where the cluster lives and how it is run.
type Options struct {
	DataDir       string            // state directory, made if missing; the cluster lives in DataDir/postgres
	BinDir        string            // directory of initdb and postgres; empty: searched for
	AllowDownload bool              // whether PostgreSQL may be downloaded when none is found
	Logger        *slog.Logger      // nil: silence
	Settings      map[string]string // more PostgreSQL settings; they win over the package's own, but for socket and port
}

// Server is a running PostgreSQL and its supervisor.
type Server struct {
	log      *slog.Logger
	settings map[string]string
	dir      string // state directory, absolute, symbolic links resolved
	cluster  string
	socket   string // directory of the socket
	bin      string
	major    int
	as       account
	lock     *os.File

	stopping context.Context // done once Stop was called
	stop     context.CancelFunc
	up       chan struct{} // closed by the first session
	done     chan struct{}
	err      error // why it ended, unless by Stop; readable once done is closed

	mu  sync.Mutex
	cmd *exec.Cmd // the running postgres, nil between two runs
}

// Start makes the cluster if there is none, starts PostgreSQL on it and returns
// once the database accepts sessions. The context bounds the start alone; the
// server runs until Stop. A postgres that dies later is started again; the
// server ends by itself only after repeated runs that came to no session.
//
// It fails with ErrLocked, ErrNoBinaries, ErrMajor or ErrAccount, with the
// context's error, or with what the programs said. Data of another major, or of
// another user, are never touched.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dir, err := stateDir(o.DataDir)
	if err != nil {
		return nil, err
	}
	s := &Server{
		log: o.Logger, settings: o.Settings,
		dir: dir, cluster: filepath.Join(dir, "postgres"), socket: socketDir(dir),
		up: make(chan struct{}), done: make(chan struct{}),
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	if s.lock, err = lock(dir); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		unlock(s.lock)
		return nil, errors.Join(context.Cause(ctx), err)
	}

	go s.supervise()
	select {
	case <-s.up:
		return s, nil
	case <-s.done:
		return nil, s.err
	case <-ctx.Done():
		hurry, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w", context.Cause(ctx)), s.Stop(hurry))
	}
}

func (s *Server) prepare(ctx context.Context, o Options) error {
	written, err := clusterMajor(s.cluster)
	if err != nil {
		return err
	}
	found, err := find(ctx, o, s.dir, written, s.log)
	if err != nil {
		return err
	}
	s.bin, s.major = found.dir, found.major
	if s.as, err = chooseAccount(ctx, s.bin, s.dir, s.cluster, written == 0); err != nil {
		return err
	}
	if err := s.makeSocketDir(); err != nil {
		return err
	}
	if written == 0 {
		return s.initialize(ctx)
	}
	return nil
}

// URL is the connection string of the database, for pgx and libpq alike.
func (s *Server) URL() string { return socketURL(s.socket) }

// URL is the connection string of the database that a Server on this state
// directory has or would have; it needs no running server.
func URL(dataDir string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return socketURL(socketDir(dir)), nil
}

func socketURL(dir string) string {
	// libpq reads a plus sign as itself, pgx as a space; %20 means a space to both.
	host := strings.ReplaceAll(url.QueryEscape(dir), "+", "%20")
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%s&sslmode=disable", name, name, host, port)
}

// Bin is the directory of the PostgreSQL programs in use.
func (s *Server) Bin() string { return s.bin }

// PID is the process id of the postmaster, 0 while none runs.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Done is closed when PostgreSQL has ended for good: by Stop, or because it could not be kept up.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends PostgreSQL: sessions are cut off, and what is in memory is written.
// When the context ends first, or after 20 seconds, it is stopped at once;
// nothing acknowledged is lost, the next start recovers it from the log.
// Stop may be called more than once. The error says why PostgreSQL had ended
// before, or that it would not end.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.stop()
	s.signal(syscall.SIGINT)
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
	}
	// On SIGQUIT the postmaster itself kills what is left of its children after five seconds.
	for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		s.log.Warn("PostgreSQL did not stop in time; stopping it at once", "signal", sig.String())
		s.signal(sig)
		select {
		case <-s.done:
			return s.err
		case <-time.After(patience / 2):
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not end", s.PID())
}

func (s *Server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(sig) // fails only when it has ended, which is what is wanted
	}
}

// stateDir makes the state directory. Others may pass through it when root makes
// it, because PostgreSQL may then have to run as another user; what is inside is closed.
func stateDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no data directory given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	return filepath.EvalSymlinks(dir)
}
