package api

import (
	"fmt"
	"testing"
)

// The memory holds as many answers as it has bytes for, whatever is asked.
func TestMemoryHasBounds(t *testing.T) {
	t.Parallel()
	const bytes, size, most = 1 << 20, 10_000, 1 << 20 / 10_000
	m := newMemory(bytes)
	for i := range 10 * most {
		m.answers.Set(question{uri: fmt.Sprint("/v1/statements?limit=", i)}, &kept{body: make([]byte, size)})
		if weight := m.answers.WeightedSize(); weight > bytes {
			t.Fatalf("%d bytes kept after %d answers", weight, i+1)
		}
	}
	kept := 0
	for range m.answers.All() {
		kept++
	}
	if kept < most/2 || kept > most {
		t.Errorf("%d answers of %d bytes are kept in %d", kept, size, bytes)
	}
	if newMemory(0) != nil {
		t.Error("a memory of nothing")
	}
}

// Questions that differ in anything have answers of their own; only what is
// asked again is worth keeping.
func TestMemoryKnowsWhatWasAsked(t *testing.T) {
	t.Parallel()
	m := newMemory(1 << 20)
	for _, q := range []question{{"", "", "/a"}, {"reader", "", "/a"}, {"", "csv", "/a"}, {"", "", "/a?x"}} {
		if m.again(q) {
			t.Errorf("%v was asked before", q)
		}
		if !m.again(q) {
			t.Errorf("%v was not asked before", q)
		}
	}
}
