package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"onrecord/internal/api"
	"onrecord/internal/store"
)

// A service is the program that is measured, as a process of its own.
type service struct {
	address string        // http://host:port
	started time.Duration // until it was ready
	process *exec.Cmd
	ended   chan error
	stop    func() error
}

const patience = 60 * time.Second // with a service that starts or stops

// start runs the service with these settings, and waits until it is ready.
func (b *bench) start(ctx context.Context, settings ...string) (*service, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &service{address: "http://127.0.0.1:" + port, ended: make(chan error, 1)}
	s.process = exec.Command(b.binary)
	s.process.Env = append([]string{"LISTEN_ADDR=127.0.0.1:" + port, "PUBLIC_READ=true", "LOG_LEVEL=WARN"}, settings...)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "PG_BIN_DIR", "GOGC", "GOMEMLIMIT"} {
		if value, ok := os.LookupEnv(name); ok {
			s.process.Env = append(s.process.Env, name+"="+value)
		}
	}
	log, err := os.Create(b.file("service.log")) // clients that hang up make it long
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.process.Stderr = log
	s.stop = s.terminate
	began := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.started = time.Since(began)
	return s, nil
}

// ready waits until the service says that it is.
func (s *service) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the service ended before it was ready: %w: %s", err, s.said())
		case <-ctx.Done():
			return fmt.Errorf("the service did not get ready: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// said is the end of the service's log.
func (s *service) said() string {
	text, err := os.ReadFile(s.process.Stderr.(*os.File).Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2_000):])
}

func (s *service) terminate() error {
	_ = s.process.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	select {
	case err := <-s.ended:
		return err
	case <-time.After(patience):
		return errors.Join(errors.New("the service did not stop when told to"), s.process.Process.Kill())
	}
}

// memory reads VmRSS or VmHWM of the process, in MB.
func (s *service) memory(field string) (float64, error) {
	file, err := os.Open(filepath.Join("/proc", strconv.Itoa(s.process.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), field+":"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("no " + field + " in the process's status")
}

// cpuOf is the processor time that a process has had; 0 where it can't be told.
func cpuOf(pid int) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // a name may have spaces
	total := time.Duration(0)
	for _, field := range fields[min(11, len(fields)):min(13, len(fields))] { // in user mode, in the kernel
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0
		}
		total += time.Duration(n) * tick
	}
	return total
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// serve runs a handler within this program.
func serve(handler http.Handler) (address string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), server.Close, nil
}

// within runs the service in this program, where it can be profiled.
func (b *bench) within(ctx context.Context, answers int64) (*service, error) {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError + 1}))) // requests aren't logged, as at LOG_LEVEL=WARN
	s, err := store.Open(ctx, store.Config{URL: b.database.url, MaxConns: int32(b.maxConns)})
	if err != nil {
		return nil, err
	}
	address, stop, err := serve(api.New(s, api.Config{PublicRead: true, Answers: answers}))
	if err != nil {
		s.Close()
		return nil, err
	}
	return &service{address: address, stop: func() error {
		defer s.Close()
		return stop()
	}}, os.MkdirAll(b.profile, 0o755)
}

// profiled notes where this program spends its time meanwhile, if that is
// wanted.
func (b *bench) profiled(name string, do func() error) error {
	if b.profile == "" {
		return do()
	}
	file, err := os.Create(filepath.Join(b.profile, name+".pprof"))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return do()
}
