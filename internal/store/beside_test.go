package store

import (
	"sync/atomic"
	"testing"
)

// What panics beside others ends who waits for them, not the process, and after
// all of them are done.
func TestAPanicBesideOthersReachesWhoWaits(t *testing.T) {
	t.Parallel()
	var done atomic.Int32
	cause := func() (cause any) {
		defer func() { cause = recover() }()
		beside(5, func(i int) {
			if i == 2 {
				panic("broken")
			}
			done.Add(1)
		})
		return nil
	}()
	if cause != "broken" || done.Load() != 4 {
		t.Errorf("%v after %d were done", cause, done.Load())
	}
}
