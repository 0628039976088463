package store_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/store"
	"onrecord/internal/testkit"
)

// What isn't asked for isn't read: a query names the relations alone that the
// members need.
func TestFieldsReadNoMoreThanTheyShow(t *testing.T) {
	t.Parallel()
	all := []string{"commits first", "speakers sp", "countries ob", "events oc", "statement_facts", "statement_targets p", "statement_topics p", "tenures"}
	for fields, reads := range map[string]string{
		"id,text": "", "speaker_name": "speakers sp", "created_at": "commits first", "targets,topics": "statement_targets p,statement_topics p",
		"occasion_title,report_count": "events oc,statement_facts", "office_on_the_day": "tenures", "date_match": "", "on_behalf_of_name": "countries ob",
	} {
		q, err := store.Parse(claims.KindStatement, map[string][]string{"fields": {fields}, "said_from": {"2026"}})
		if err != nil {
			t.Fatal(err)
		}
		sql, _ := q.SQL()
		for _, relation := range all {
			if want := slices.Contains(strings.Split(reads, ","), relation); strings.Contains(sql, relation) != want {
				t.Errorf("fields=%s: reads %s: %v, want %v", fields, relation, !want, want)
			}
		}
	}
	q, err := store.Parse(claims.KindPosition, map[string][]string{"fields": {"speaker_name"}})
	if err != nil {
		t.Fatal(err)
	}
	if sql, _ := q.SQL(); !strings.Contains(sql, "statements s ON") || !strings.Contains(sql, "speakers sp ON") || strings.Contains(sql, "claims c ON") {
		t.Errorf("a join that another needs: %s", sql)
	}
}

// A timeline that is handed on whole is the same as its pages, one after the
// other, whatever the order and however many pages it takes.
func TestATimelineWholeIsItsPages(t *testing.T) {
	t.Parallel()
	s := testkit.WithCast(t, testkit.Store(t))
	random := rand.New(rand.NewPCG(13, 13))
	var stream strings.Builder
	days := []string{`null`, `"2026"`, `"2026-02"`, `"[..2026-02-19]"`, `"2025-11~"`}
	day := func() string {
		if random.IntN(2) == 0 {
			return days[random.IntN(len(days))]
		}
		return `"2026-02-` + string(rune('1'+random.IntN(2))) + string(rune('0'+random.IntN(9))) + `"`
	}
	for i := range 800 {
		stream.WriteString(`{"type":"statement","key":"s:` + strconv.Itoa(i) + `","speaker":{"key":"person:asif"},"kind":"threat","text":"a","said_on":` + day() + "}\n")
		stream.WriteString(`{"type":"event","key":"e:` + strconv.Itoa(i) + `","kind":"attack","title":"a","occurred":` + day() + "}\n")
	}
	inputs, err := claims.ReadStream([]byte(stream.String()))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Load(t, s, "random", inputs)
	for _, given := range []map[string][]string{{}, {"sort": {"-date"}}, {"from": {"2026-02-12"}, "to": {"2026-03"}}} {
		paged := ""
		given["limit"] = []string{"333"}
		for n := 0; ; n++ {
			line, err := store.ParseTimeline(given)
			if err != nil {
				t.Fatal(err)
			}
			page, err := s.Timeline(t.Context(), line)
			if err != nil {
				t.Fatal(err)
			}
			paged += strings.Trim(string(page.Records), "[]") + ","
			if given["cursor"] = []string{page.Next}; page.Next == "" {
				break
			}
		}
		delete(given, "limit")
		delete(given, "cursor")
		line, err := store.ParseTimeline(given)
		if err != nil {
			t.Fatal(err)
		}
		whole, pages, count := "", 0, 0
		if err := s.EachOfTimeline(t.Context(), line, func(p store.Page) error {
			whole += strings.Trim(string(p.Records), "[]") + ","
			pages, count = pages+1, count+p.Count
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if whole != paged || count < 300 || given["from"] == nil && (pages != 2 || count != 1600) {
			t.Errorf("%v: %d entries on %d pages; the same as by cursor: %v", given, count, pages, whole == paged)
		}
	}
}
