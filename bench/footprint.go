package main

import (
	"context"
	"errors"
	"os"
	"time"
)

// A footprint is the memory of the service, in MB.
type footprint struct{ started, most, after float64 }

// Goals of memory, in MB, and how many connections the load has.
const (
	idleGoal        = 40
	loadedGoal      = 256
	loadConnections = 64
)

func (f *footprint) idle(ctx context.Context, s *service) (err error) {
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	f.started, err = s.memory("VmRSS")
	return err
}

// loaded puts the service under load from many connections and takes the most
// that it ever had.
func (f *footprint) loaded(ctx context.Context, b *bench, s *service, cells []*cell) (err error) {
	for _, c := range cells {
		paths := make([]string, len(c.requests))
		for i, r := range c.requests {
			paths[i] = r.path
		}
		l, err := b.wrk(ctx, s.address, paths, loadConnections, 9)
		if err != nil {
			return err
		}
		b.check(l.Errors == 0, "memory: %d errors from the service at %d connections", l.Errors, loadConnections)
	}
	if f.most, err = s.memory("VmHWM"); err != nil {
		return err
	}
	if err := pause(ctx, 10*time.Second); err != nil {
		return err
	}
	f.after, err = s.memory("VmRSS")
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// starts are how long the service takes until it is ready, with a database of
// its own.
type starts struct{ first, later []time.Duration }

// Goals of starts.
const (
	firstGoal = 5 * time.Second
	laterGoal = time.Second
)

// starting starts the service in a new state directory, and again in the same.
func (b *bench) starting(ctx context.Context) (*starts, error) {
	list := &starts{}
	for range rounds {
		dir, err := os.MkdirTemp(b.temp, "state-")
		if err != nil {
			return nil, err
		}
		if os.Geteuid() == 0 { // PostgreSQL may have to run as another user
			if err := errors.Join(os.Chmod(dir, 0o711), os.Chmod(b.temp, 0o711)); err != nil {
				return nil, err
			}
		}
		for _, times := range []*[]time.Duration{&list.first, &list.later} {
			s, err := b.start(ctx, "DATA_DIR="+dir)
			if err != nil {
				return nil, err
			}
			*times = append(*times, s.started)
			if err := s.stop(); err != nil {
				return nil, err
			}
		}
		b.say("start    first %v   later %v", list.first[len(list.first)-1], list.later[len(list.later)-1])
	}
	return list, nil
}
