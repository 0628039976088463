package edtf_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onrecord/internal/edtf"
)

// inUniverse cuts the open ends of r to the days that generated dates use.
func inUniverse(r edtf.Range) edtf.Range {
	all := universe.days()
	return edtf.Range{From: max(r.From, all.From), To: min(r.To, all.To)}
}

func TestPrintedIsParsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyDate().Draw(t, "date")
		date, err := edtf.Parse(s.text)
		if err != nil {
			t.Fatal(err)
		}
		if date.String() != s.text {
			t.Fatalf("printed as %q", date)
		}
		data, err := json.Marshal(date)
		if err != nil {
			t.Fatal(err)
		}
		var back edtf.Date
		if err := json.Unmarshal(data, &back); err != nil || back != date {
			t.Fatalf("through JSON: %v, %v", back, err)
		}
	})
}

func TestRangeIsTheDaysMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyDate().Draw(t, "date")
		date := edtf.MustParse(s.text)
		if got := inUniverse(date.Range()); got != s.days() {
			t.Fatalf("%s: range %v to %v, want %v to %v", s.text, got.From, got.To, s.days().From, s.days().To)
		}
		if date.Range().IsEmpty() || date.Range().Days() < 1 {
			t.Fatalf("%s: empty range %v", s.text, date.Range())
		}
		if date.Qualified() != s.qualified {
			t.Fatalf("%s: qualified %t", s.text, date.Qualified())
		}
	})
}

func TestVaguerFormContainsThePreciser(t *testing.T) {
	contains := func(t *rapid.T, vague, precise string) {
		outer, inner := edtf.MustParse(vague).Range(), edtf.MustParse(precise).Range()
		if inner.From < outer.From || inner.To > outer.To {
			t.Fatalf("%s (%v to %v) does not contain %s (%v to %v)", vague, outer.From, outer.To, precise, inner.From, inner.To)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := anyDay(1, 9999).Draw(t, "at")
		calendar, season := forms(at)
		for i := 1; i < len(calendar); i++ {
			contains(t, calendar[i].text, calendar[i-1].text)
		}
		for _, s := range season {
			contains(t, s.text, calendar[1].text)
		}
		day := calendar[0].text
		contains(t, day, day+"T23:59:59")
		contains(t, day, day+"T12:00:00+12:00")
		contains(t, day, day+"T11:59:59-12:00")
	})
	rapid.Check(t, func(t *rapid.T) {
		s, other := simpleDate(1900, 2099).Draw(t, "date"), simpleDate(1900, 2099).Draw(t, "other")
		contains(t, fmt.Sprintf("[%s,%s]", s.text, other.text), s.text)
		contains(t, fmt.Sprintf("[%s..]", s.text), s.text)
		contains(t, fmt.Sprintf("[..%s]", s.text), s.text)
		contains(t, s.text+"/..", s.text)
		contains(t, "/"+s.text, s.text)
	})
}

// A span is refused just when no day of its end is on or after a day of its start.
func TestInvertedIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := simpleDate(1990, 2009).Draw(t, "start"), simpleDate(1990, 2009).Draw(t, "end")
		inverted := a.first.After(b.last)
		for _, text := range []string{a.text + "/" + b.text, "[" + a.text + ".." + b.text + "]"} {
			if _, err := edtf.Parse(text); (err != nil) != inverted {
				t.Fatalf("%s: inverted %t, error %v", text, inverted, err)
			}
		}
	})
}

func TestMatchIsDayByDay(t *testing.T) {
	near := simpleDate(2025, 2026)
	dates := rapid.OneOf(near, interval(near), set(near))
	rapid.Check(t, func(t *rapid.T) {
		s := dates.Draw(t, "date")
		start := anyDay(2024, 2027).Draw(t, "window")
		length := rapid.IntRange(0, 500).Draw(t, "length")
		window := edtf.Range{From: edtf.DayOf(start), To: edtf.DayOf(start) + edtf.Day(length)}

		inside, outside := 0, 0
		end := start.AddDate(0, 0, length)
		for at := s.first; !at.After(s.last); at = at.AddDate(0, 0, 1) {
			if at.Before(start) || !at.Before(end) {
				outside++
			} else {
				inside++
			}
		}
		want := edtf.None
		switch {
		case inside > 0 && outside == 0 && !s.qualified:
			want = edtf.Certain
		case inside > 0:
			want = edtf.Possible
		}
		if got := edtf.MustParse(s.text).Match(window); got != want {
			t.Fatalf("%s in %v to %v: got %v, want %v", s.text, window.From, window.To, got, want)
		}
	})
}

// bound draws one way of writing a filter bound that falls on a given day.
func bound(t *rapid.T, at time.Time) string {
	forms := []string{
		at.Format("2006-01-02"),
		at.Format("2006-01-02") + "T00:00:00+14:00",
		at.Format("2006-01-02") + "/..",
		fmt.Sprint(at.UnixMilli()),
	}
	if at.Day() == 1 {
		forms = append(forms, at.Format("2006-01"))
	}
	return rapid.SampledFrom(forms).Draw(t, "bound")
}

func TestAdjacentWindowsPartition(t *testing.T) {
	window := func(t *rapid.T, from, to string) edtf.Range {
		w, err := edtf.Window(from, to)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	rapid.Check(t, func(t *rapid.T) {
		cuts := []time.Time{anyDay(1980, 2030).Draw(t, "start")}
		bounds := []string{"", bound(t, cuts[0])}
		for range rapid.IntRange(1, 4).Draw(t, "cuts") {
			cuts = append(cuts, cuts[len(cuts)-1].AddDate(0, 0, rapid.IntRange(1, 400).Draw(t, "step")))
			bounds = append(bounds, bound(t, cuts[len(cuts)-1]))
		}
		bounds = append(bounds, "")

		at := edtf.DayOf(cuts[0]) + edtf.Day(rapid.IntRange(-10, 2000).Draw(t, "probe"))
		probe := edtf.MustParse(at.String())
		holding, previous := 0, edtf.NegInf
		for i := range len(bounds) - 1 {
			w := window(t, bounds[i], bounds[i+1])
			if w.From != previous {
				t.Fatalf("window %q to %q starts on %v, the one before ends on %v", bounds[i], bounds[i+1], w.From, previous)
			}
			previous = w.To
			switch probe.Match(w) {
			case edtf.Certain:
				holding++
			case edtf.Possible:
				t.Fatalf("a single day is possible in %v to %v", w.From, w.To)
			}
		}
		if previous != edtf.PosInf || holding != 1 {
			t.Fatalf("%v stands in %d windows; the last ends on %v", at, holding, previous)
		}
	})
}

func TestDayOrderIsTimeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := edtf.Day(rapid.Int32().Draw(t, "a")), edtf.Day(rapid.Int32().Draw(t, "b"))
		if (a < b) != a.Time().Before(b.Time()) {
			t.Fatalf("%v and %v", a, b)
		}
		if edtf.DayOf(a.Time()) != a {
			t.Fatalf("%v comes back as %v", a, edtf.DayOf(a.Time()))
		}
	})
}
