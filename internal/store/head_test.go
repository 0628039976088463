package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// A held connection keeps back what it has read until it is let.
type held struct{ read, let chan struct{} }

type isHead struct{}

func (h *held) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, isHead{}, strings.Contains(q.SQL, "FROM commits ORDER BY seq DESC LIMIT 1"))
}

func (h *held) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if head, _ := ctx.Value(isHead{}).(bool); head {
		h.read <- struct{}{}
		<-h.let
	}
}

// Those who ask for the head while it is read share the next read, which
// begins after they came: what they get is not older than their question.
func TestHeadIsNotOlderThanTheQuestion(t *testing.T) {
	t.Parallel()
	h := &held{make(chan struct{}), make(chan struct{})}
	s := testkit.WithCast(t, testkit.StoreAt(t, store.Config{URL: testkit.Database(t), Configure: func(c *pgx.ConnConfig) { c.Tracer = h }}))
	heads := make(chan store.Head)
	var asking sync.WaitGroup
	ask := func(n int) {
		for range n {
			asking.Go(func() {
				head, err := s.Head(t.Context())
				if err != nil {
					t.Error(err)
				}
				heads <- head
			})
		}
	}
	ask(1)
	<-h.read
	written := testkit.Create(t, s, testkit.Statement("s:1", "after the first was read"))
	ask(20)
	h.let <- struct{}{}
	<-heads
	reads := 0
	for left := 20; left > 0; {
		select {
		case <-h.read:
			reads++
			h.let <- struct{}{}
		case head := <-heads:
			if left--; head.Seq < written.Seq {
				t.Errorf("seq %d for one who asked after %d", head.Seq, written.Seq)
			}
		}
	}
	if reads == 20 {
		t.Error("each had a read of its own")
	}
	asking.Wait()
}

// Two heads are equal as long as nothing is committed and no facts wait.
func TestHeadTellsStatesApart(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	head := func() store.Head {
		h, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	testkit.Create(t, s, testkit.Statement("s:1", "t", `"reports":[{"article":{"key":"article:one"}}]`))
	before := head()
	if before.Pending || before != head() {
		t.Errorf("%+v, then %+v", before, head())
	}
	if _, err := s.Update(t.Context(), testkit.By("tester"), claims.KindSource, claims.ID("outlet:one"), 1, func([]byte) (claims.Input, error) {
		return testkit.Input(t, `{"type":"source","name":"One","kind":"newspaper"}`), nil
	}); err != nil {
		t.Fatal(err)
	}
	wide := head()
	if !wide.Pending || wide.Seq != before.Seq+1 {
		t.Errorf("%+v after a wide change at %+v", wide, before)
	}
	if _, err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if drained := head(); drained.Pending || drained.Seq != wide.Seq {
		t.Errorf("%+v after draining", drained)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Head(gone); store.CodeOf(err) != store.Unavailable {
		t.Errorf("%v for one who is gone", err)
	}
}
