package api

import (
	"hash/maphash"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"onrecord/internal/store"
)

// The same question asked again is answered from memory as long as the record
// is as it was when the answer was made. Each request sees to that by a read of
// the head that starts after the request came (store.Head), so what it gets is
// what it would have got. Who may ask is decided before, each time.

// A question is all of a request that its answer depends on. An adapter that
// reads more of a request than this needs it here.
type question struct {
	role   string // of the key
	accept string
	uri    string
}

func asked(r *http.Request) question {
	role, _ := r.Context().Value(roleKey).(string)
	return question{role, strings.Join(r.Header.Values("Accept"), ","), r.URL.RequestURI()}
}

// A kept answer is one in one piece, with the head at which it was true.
type kept struct {
	head   store.Head
	header http.Header
	body   []byte
}

// inherit adds the headers of an answer to those that are set around it.
func inherit(to, from http.Header) {
	vary := slices.Clip(to["Vary"])
	maps.Copy(to, from)
	to["Vary"] = append(vary, from["Vary"]...)
}

// maxKept is the most bytes of an answer that is kept.
const maxKept = 1 << 20

func (k *kept) weight(q question) uint32 {
	const around = 1024 // its header and what keeping takes
	return uint32(around + len(q.uri) + len(q.accept) + len(k.body))
}

// send answers with it.
func (k *kept) send(w http.ResponseWriter, r *http.Request) error {
	inherit(w.Header(), k.header)
	return deliver(w, r, http.StatusOK, k.body)
}

// A memory holds answers, within bounds, and knows which are being made.
type memory struct {
	answers *otter.Cache[question, *kept]
	seed    maphash.Seed
	asked   []atomic.Uint64 // hashes of questions, each at a place that its value gives

	sync.Mutex
	making map[making]*made
}

// A making is a question under way, and the head that all who wait for its
// answer have read.
type making struct {
	question
	head store.Head
}

// A made is the answer on its way. One that is not for all leaves the others
// to ask for themselves: a stream, or one that is large.
type made struct {
	done   chan struct{} // closed when the rest is set
	answer *kept
	err    error
	own    bool
}

// askedPlaces is for how many questions it is remembered that they were asked.
const askedPlaces = 1 << 16

// newMemory is a memory of this many bytes; nil, which remembers nothing, for
// none.
func newMemory(bytes int64) *memory {
	if bytes <= 0 {
		return nil
	}
	return &memory{
		answers: otter.Must(&otter.Options[question, *kept]{
			MaximumWeight: uint64(bytes),
			Weigher:       func(q question, k *kept) uint32 { return k.weight(q) },
			Executor:      func(task func()) { task() }, // so that the bound holds at once
		}),
		seed:   maphash.MakeSeed(),
		asked:  make([]atomic.Uint64, askedPlaces),
		making: map[making]*made{},
	}
}

// again reports whether a question was asked before, lately. What is asked once
// is neither kept nor worth the read of the head.
func (m *memory) again(q question) bool {
	h := maphash.Comparable(m.seed, q)
	return m.asked[h%askedPlaces].Swap(h) == h
}

// remembered answers from memory what ask answered before.
func remembered(ask handle) handle {
	return func(s *Server, w http.ResponseWriter, r *http.Request) error {
		m := s.memory
		if m == nil {
			return ask(s, w, r)
		}
		q := asked(r)
		found, ok := m.answers.GetIfPresent(q)
		if !ok && (!m.again(q) || r.Method != http.MethodGet) {
			return ask(s, w, r)
		}
		head, err := s.store.Head(r.Context())
		switch {
		case err != nil, head.Pending: // then answers change without a commit
			return ask(s, w, r)
		case ok && found.head == head:
			return found.send(w, r)
		case r.Method != http.MethodGet:
			return ask(s, w, r)
		}
		return m.once(making{q, head}, s, w, r, ask)
	}
}

// once makes the answer, or waits for the request that does. Where the client
// of that one goes away, the next makes it.
func (m *memory) once(at making, s *Server, w http.ResponseWriter, r *http.Request, ask handle) error {
	for {
		m.Lock()
		a, under := m.making[at]
		if !under {
			a = &made{done: make(chan struct{})}
			m.making[at] = a
		}
		m.Unlock()
		if !under {
			return m.make(at, a, s, w, r, ask)
		}
		select {
		case <-a.done:
		case <-r.Context().Done():
			return ask(s, w, r) // which says so
		}
		switch {
		case a.answer != nil:
			return a.answer.send(w, r)
		case a.err != nil:
			return a.err
		case a.own:
			return ask(s, w, r)
		}
	}
}

// make makes the answer for all who wait for it, and keeps it if the head has
// not moved meanwhile.
func (m *memory) make(at making, a *made, s *Server, w http.ResponseWriter, r *http.Request, ask handle) error {
	end := sync.OnceFunc(func() {
		m.Lock()
		delete(m.making, at)
		m.Unlock()
		close(a.done)
	})
	defer end() // also of a panic: the next one tries
	page := &sheet{ResponseWriter: w, header: http.Header{}}
	page.through = func() { a.own = true; end() }
	err := ask(s, page, unconditional(r))
	if err == nil && !page.written {
		page.WriteHeader(http.StatusOK)
	}
	switch {
	case page.passed:
		return err
	case err != nil:
		if r.Context().Err() == nil {
			a.err = err
		}
		return err
	}
	answer := &kept{at.head, page.header, page.body}
	seq, _ := strconv.ParseInt(page.header.Get("X-Seq"), 10, 64)
	pinned := r.URL.Query().Has("as_of") // what was true then is true for ever
	if seq >= at.head.Seq || pinned {
		a.answer = answer
	}
	if seq == at.head.Seq || pinned && seq < at.head.Seq {
		m.answers.Set(at.question, answer)
	}
	end()
	return answer.send(w, r)
}

// unconditional is the request without its condition, which is for each client
// to have judged.
func unconditional(r *http.Request) *http.Request {
	if r.Header.Get("If-None-Match") == "" {
		return r
	}
	copied := *r
	copied.Header = maps.Clone(r.Header)
	copied.Header.Del("If-None-Match")
	return &copied
}

// A sheet takes up an answer that comes in one piece, of bounded size, with a
// validator and a seq. Any other goes through to the client.
type sheet struct {
	http.ResponseWriter
	header  http.Header
	body    []byte
	written bool
	passed  bool
	through func() // called when it goes through
}

func (p *sheet) Header() http.Header { return p.header }

func (p *sheet) WriteHeader(status int) {
	if p.written {
		return
	}
	p.written = true
	size, err := strconv.Atoi(p.header.Get("Content-Length"))
	if status == http.StatusOK && p.header.Get("ETag") != "" && p.header.Get("X-Seq") != "" && err == nil && size <= maxKept {
		for name, values := range p.header {
			p.header[name] = slices.Clip(values) // shared by all who get the answer
		}
		return
	}
	p.passed = true
	inherit(p.ResponseWriter.Header(), p.header)
	p.through()
	p.ResponseWriter.WriteHeader(status)
}

func (p *sheet) Write(data []byte) (int, error) {
	if !p.written {
		p.WriteHeader(http.StatusOK)
	}
	if p.passed {
		return p.ResponseWriter.Write(data)
	}
	p.body = append(p.body, data...)
	return len(data), nil
}

func (p *sheet) Unwrap() http.ResponseWriter { return p.ResponseWriter }
