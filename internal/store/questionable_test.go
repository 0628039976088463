package store_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"onrecord/internal/claims"
)

// filters are some, random ones, that go with every count: a bucket would not.
func (k *maker) filters(kind claims.Kind) url.Values {
	q := url.Values{}
	window := map[claims.Kind]string{claims.KindStatement: "said", claims.KindEvent: "occurred"}[kind]
	if window != "" {
		if k.random.IntN(4) == 0 {
			q.Set(window+"_from", k.pick("2026-02", "2026-01-20", "2025"))
			if k.random.IntN(2) == 0 {
				q.Set(window+"_to", k.pick("2026-03", "2026-02-20", "2027"))
			}
			if k.random.IntN(3) == 0 {
				q.Set("date_match", k.pick("certain", "possible"))
			}
		}
	}
	if kind == claims.KindStatement && k.random.IntN(5) == 0 {
		q.Set("carried_from", k.pick("2026-02", "2026-01-20"))
		q.Set("carried_to", k.pick("2026-03", "2027"))
	}
	if kind == claims.KindStatement && k.random.IntN(5) == 0 {
		q.Set("target_exact", k.pick("true", "false"))
	}
	values := k.values(kind)
	for range k.random.IntN(3) {
		name := k.pick(names(values)...)
		list := k.pick(values[name]...)
		if k.random.IntN(2) == 0 && name != "bbox" {
			list += "," + k.pick(values[name]...)
		}
		if not := k.random.IntN(3) == 0; not {
			if !strings.Contains(list, "any") && !strings.Contains(list, "include") {
				q.Set("not_"+name, list)
			}
			continue
		}
		q.Set(name, list)
	}
	return q
}

func names[V any](values map[string]V) []string {
	var list []string
	for name := range values {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// values that filters of a kind may be given.
func (k *maker) values(kind claims.Kind) map[string][]string {
	switch kind {
	case claims.KindEvent:
		return map[string][]string{"kind": {"violence", "bombing", "talks", "attack"}, "country": {"PK", "AF", "none"}, "part_of": {"key:ev:0", "none"}, "participant_role": {"victim", "host", "any", "perpetrator"},
			"participant": {"key:gov:AF", "key:person:asif", "none"}, "participant_country": {"AF", "PK", "none"}, "topic": {"security", "air-strikes", "none"}, "metric": {"killed", "injured", "none"},
			"article": {"key:art:1", "key:art:2", "none"}, "dataset": {"own", "other", "any"}, "review": {"machine", "single"},
			"source": {"key:src:1", "none"}, "background_of": {"key:st:1", "none"}, "figures_disagree": {"true", "false"}, "bbox": {"60,29,75,38"}, "updated_since": {"2001", "2100"}}
	case claims.KindClaim:
		return map[string][]string{"status": {"open", "asserted", "contested"}, "sort_of": {"fact", "value"}, "about": {"key:gov:AF", "key:person:mujahid", "none"}, "about_country": {"AF", "PK", "none"},
			"about_role": {"accused", "none"}, "topic": {"security", "air-strikes", "none"}, "speaker": {"key:person:asif", "key:gov:PK", "none"}, "dataset": {"any", "own"},
			"asserted_by": {"key:person:asif", "key:gov:PK", "none"}, "denied_by": {"key:gov:PK", "none"}, "conceded_by": {"key:gov:AF", "none"}, "contested": {"true", "false"}, "no_answer_on_record": {"true", "false", "none"}, "older_than": {"2026-03"}}
	}
	return map[string][]string{"speaker": {"key:person:asif", "key:gov:PK", "key:body:desk"}, "speaker_kind": {"person", "government", "ministry"}, "speaker_nationality": {"PK", "none"},
		"part_of": {"key:gov:PK", "key:body:desk"}, "office": {"key:office:one", "none"}, "on_behalf_of": {"PK", "AF", "none"}, "target_role": {"object", "victim", "mentioned", "any", "addressee"},
		"target": {"key:gov:AF", "key:person:asif", "none"}, "target_country": {"AF", "PK", "none"}, "target_event": {"key:ev:1", "none"}, "occasion": {"key:ev:0", "key:ev:1", "none"},
		"claim": {"key:cl:0", "key:cl:1", "none"}, "stance": {"asserts", "denies", "none"}, "kind": {"accusing", "threat", "denial"}, "topic": {"security", "air-strikes", "none"}, "medium": {"interview", "unknown"},
		"conditional": {"true", "open", "false"}, "second_hand": {"include", "only", "exclude"}, "within": {"key:st:1", "none"}, "voice": {"any", "editorial", "attributed"}, "recurrence": {"once", "standing"},
		"language": {"en", "ps", "none"}, "form": {"quotation", "paraphrase", "none"}, "article": {"key:art:1", "key:art:2", "none"}, "source": {"key:src:1", "key:src:2", "none"},
		"outlet_country": {"PK", "AF", "none"}, "dataset": {"any", "other", "own"}, "review": {"single", "machine"},
		"min_reliability": {"A", "B", "C"}, "denied_by_others": {"true", "false"}, "updated_since": {"2001"}, "max_publishers": {"1", "2"}}
}

// questionable is a random world in which every filter tells records apart.
func questionable(seed uint64) *maker {
	k := &maker{random: rand.New(rand.NewPCG(seed, 11))}
	maybe := func(format string, values ...string) string {
		v := k.pick(append(values, "", "")...)
		if v == "" {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	own := func(i int, prefix, field string) string { // one before it
		if i == 0 {
			return ""
		}
		return maybe(`,"`+field+`":{"key":"`+prefix+`:%s"}`, fmt.Sprint(k.random.IntN(i)), "0")
	}
	k.line(`{"type":"topic","slug":"deep","name":"Deep","parent":"air-strikes"}`)
	k.line(`{"type":"topic","slug":"trade","name":"Trade"}`)
	k.line(`{"type":"speaker","key":"body:ministry","name":"Ministry","kind":"ministry","country":"PK","part_of":{"key":"gov:PK"},"wikidata_id":"Q1","aliases":[{"name":"MoD","kind":"acronym"}]}`)
	k.line(`{"type":"country","code":"IN","name":"India","alpha3":"IND","region":"Asia","subregion":"South","status":"disputed","aliases":[{"name":"Bharat"}]}`)
	k.line(`{"type":"article","key":"art:undated","title":"t","source":{"key":"src:1"}}`)
	k.line(`{"type":"event","key":"ev:undated","title":"t","kind":"talks"}`)
	k.line(`{"type":"speaker","key":"body:media","name":"Media","kind":"media","source":{"key":"src:0"}}`)
	k.line(`{"type":"speaker","key":"body:desk","name":"Desk","kind":"ministry","country":"AF","part_of":{"key":"body:ministry"}}`)
	k.line(`{"type":"office","key":"office:one","title":"One","country":"PK","body":{"key":"gov:PK"},"shared":true}`)
	k.line(`{"type":"office","key":"office:two","title":"Two"}`)
	k.line(`{"type":"tenure","key":"te:1","speaker":{"key":"person:asif"},"office":{"key":"office:one"},"held":"2026-02-01/.."}`)
	k.line(`{"type":"tenure","key":"te:2","speaker":{"key":"person:asif"},"office":{"key":"office:two"},"held":"2025-01-01/2026-02-18"}`)
	k.line(`{"type":"tenure","key":"te:3","speaker":{"key":"person:mujahid"},"office":{"key":"office:one"},"capacity":"acting","held":"2025-01-01/2026-02-18"}`)
	k.line(`{"type":"tenure","key":"te:4","speaker":{"key":"person:mujahid"},"office":{"key":"office:two"},"observed_on":[{"on":"2020-05","article":{"key":"art:1"}}]}`)
	for i := range 4 {
		k.line(`{"type":"source","key":"src:%d","name":"s","kind":%q,"identified":%s%s%s%s%s}`, i, k.pick("online", "newspaper"), k.pick("true", "false"), maybe(`,"country":%q`, "PK", "AF"),
			maybe(`,"languages":[%s]`, `"en"`, `"en","ps"`), maybe(`,"domain":%q`, "one.example"), own(i, "src", "owner"))
		for n := range k.random.IntN(3) {
			k.line(`{"type":"rating","key":"ra:%d:%d","source":{"key":"src:%d"},"reliability":%q,"rated_on":%q,"rated_by":%q,"reason":"r"}`, i, n, i, k.pick("A", "B", "C", "F"), k.pick("2025", "2026-01-15", "2026-02-15", "2026-02"), k.pick("x", "y"))
		}
	}
	for i := range 8 {
		k.line(`{"type":"article","key":"art:%d","title":"t","source":{"key":"src:%d"}%s%s%s%s%s%s%s%s}`, i, k.random.IntN(4), maybe(`,"published_on":%q`, append(dates[2:], dates[3:7]...)...), maybe(`,"language":%q`, "en", "ps"),
			maybe(`,"label":%q`, "Reliable"), maybe(`,"section":%q`, "World"), maybe(`,"author":%q`, "Reporter"), maybe(`,"url":"https://example.org/%s"`, "1", "2"), own(i, "art", "syndicated_from"), own(i, "art", "seen_via"))
	}
	speakers := []string{"person:asif", "person:mujahid", "gov:PK", "gov:AF", "body:desk", "body:ministry"}
	party := func() string {
		return k.pick(`"country":"AF"`, `"country":"PK"`, `"speaker":{"key":"gov:AF"}`, `"speaker":{"key":"gov:PK"}`, `"speaker":{"key":"person:asif"}`, `"speaker":{"key":"body:desk"}`)
	}
	several := func(most int, make func() string) string {
		var list []string
		for range k.random.IntN(most + 1) {
			if one := make(); !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
		return strings.Join(list, ",")
	}
	topics := func() string {
		return several(2, func() string { return k.pick(`"security"`, `"air-strikes"`, `"deep"`, `"trade"`) })
	}
	place := func() string {
		return k.pick(`{"name":"a","precision":"city","latitude":33.69,"longitude":73.05}`, `{"name":"b","precision":"exact","latitude":-16.5,"longitude":180}`, `{"name":"c","precision":"exact","latitude":-17,"longitude":-179.5}`,
			`{"name":"d","precision":"exact","latitude":90,"longitude":0}`, `{"name":"e","precision":"district","latitude":34.5,"longitude":69.2}`, `{"name":"f","precision":"country"}`,
			fmt.Sprintf(`{"name":"g","precision":"province","latitude":%d,"longitude":%d}`, k.random.IntN(181)-90, k.random.IntN(361)-180))
	}
	events := 14
	for i := range events {
		part := ""
		if i > 0 {
			part = maybe(`,"part_of":{"key":"ev:%s"}`, fmt.Sprint(k.random.IntN(i)))
		}
		k.line(`{"type":"event","key":"ev:%d","title":"t","kind":%q%s%s%s%s,"topics":[%s],"places":[%s],"participants":[%s],"figures":[%s]}`, i, k.pick("bombing", "talks", "interview", "attack"), part,
			maybe(`,"occurred":%q`, dates[2:]...), maybe(`,"country":%q`, "PK", "AF"), maybe(`,"dataset":%q`, "other"), topics(), several(2, place),
			several(3, func() string {
				return fmt.Sprintf(`{"role":%q,%s,"given_by_article":{"key":"art:1"}}`, k.pick("victim", "host", "perpetrator"), party())
			}),
			several(3, func() string {
				return fmt.Sprintf(`{"metric":%q,"as_given":"x"%s%s%s,"given_by_article":{"key":"art:%d"}}`, k.pick("killed", "injured"), k.pick("", `,"low":3`, `,"high":3`, `,"low":4,"high":6`),
					maybe(`,"of":%q`, "men"), maybe(`,"civilian":%s`, "true"), k.random.IntN(2))
			}))
		for range k.random.IntN(3) {
			k.line(`{"type":"mention","key":"me:%d","article":{"key":"art:%d"},"event":{"key":"ev:%d"},"role":%q%s}`, len(k.lines), k.random.IntN(8), i, k.pick("subject", "background", "background"),
				maybe(`,"statement":{"key":"st:%s"}`, "1", "2", "3", "4", "5"))
		}
	}
	for i := range 8 {
		k.line(`{"type":"claim","key":"cl:%d","text":"c%d","sort":%q,"topics":[%s],"about":[%s]%s}`, i, i, k.pick("fact", "value"), topics(),
			several(2, func() string { return fmt.Sprintf(`{"role":%q,%s}`, k.pick("accused", "subject"), party()) }), maybe(`,"dataset":%q`, "other"))
	}
	for i := range 60 {
		within := ""
		if i > 0 {
			within = maybe(`,"within":{"key":"st:%s"}`, fmt.Sprint(k.random.IntN(i)))
			if k.random.IntN(2) == 0 {
				within = ""
			}
		}
		used := map[int]bool{}
		report := func() string {
			a := k.random.IntN(8)
			for used[a] {
				a = (a + 1) % 8
			}
			used[a] = true
			return fmt.Sprintf(`{"article":{"key":"art:%d"}%s%s,"cites":[%s],"renderings":[%s]}`, a, k.pick("", `,"match":"inferred","match_note":"n"`), maybe(`,"credibility":%s,"credibility_by":"x","credibility_on":"2026","credibility_reason":"r"`, "1", "2", "3"),
				several(1, func() string { return fmt.Sprintf(`{"source":{"key":"src:%d"}}`, k.random.IntN(4)) }), several(2, func() string {
					return fmt.Sprintf(`{"part":%q,"form":%q,"text":%q%s%s%s%s%s}`, k.pick("body", "headline"), k.pick("quotation", "paraphrase", "partial_quotation"), k.pick("x", "kiwi"), maybe(`,"attribution":%q`, "unclear"),
						maybe(`,"attribution_verb":%q`, "alleged", "said"), maybe(`,"hedge":%q`, "reportedly"), maybe(`,"content_hedge":%q`, "alleged"), maybe(`,"condition":%q`, "if"))
				}))
		}
		taken := map[int]bool{}
		position := func() string {
			c := k.random.IntN(8)
			for taken[c] {
				c = (c + 1) % 8
			}
			taken[c] = true
			return fmt.Sprintf(`{"claim":{"key":"cl:%d"},"stance":%q}`, c, k.pick("asserts", "asserts", "denies", "denies", "questions", "concedes", "commits", "declines"))
		}
		k.line(`{"type":"statement","key":"st:%d","text":%q,"speaker":{"key":%q},"kind":%q%s%s%s%s%s%s%s%s%s%s,"topics":[%s],"targets":[%s],"reports":[%s],"positions":[%s]}`, i, k.pick("t", "t", "zebra", "t zebra"), k.pick(speakers...), k.pick("threat", "denial", "allegation", "demand", "offer"), within,
			maybe(`,"said_on":%q`, dates[2:]...), maybe(`,"on_behalf_of":%q`, "PK", "AF"), maybe(`,"voice":%q`, "editorial"), maybe(`,"recurrence":%q`, "standing"),
			k.pick("", `,"medium":"interview"`, `,"occasion":{"key":"ev:0"}`, `,"occasion":{"key":"ev:1"}`, `,"occasion":{"key":"ev:2"}`),
			maybe(`,"dataset":%q`, "other"), maybe(`,"review":%q`, "single"), maybe(`,"language":%q`, "en", "ps"),
			k.pick("", "", `,"condition":{"text":"x","sense":"if"}`, `,"condition":{"text":"x","sense":"unless","outcome":"met","given_by":{"key":"art:1"}}`), topics(),
			several(4, func() string {
				return fmt.Sprintf(`{"role":%q,%s}`, k.pick("object", "addressee", "victim", "mentioned"), k.pick(party(), `"event":{"key":"ev:1"}`, `"event":{"key":"ev:2"}`))
			}), several(3, report), several(2, position))
	}
	for i := range 6 {
		k.line(`{"type":"link","key":"li:%d","statement":{"key":"st:%d"},"to":{"key":"st:0"},"relation":%q}`, i, i+1, k.pick("responds_to", "repeats"))
		k.line(`{"type":"claim_link","key":"cli:%d","from":{"key":"cl:%d"},"to":{"key":"cl:%d"},"relation":%q}`, i, []int{0, 0, 1, 2, 2, 3}[i], i+2, k.pick("implies", "narrows"))
		k.line(`{"type":"event_link","key":"eli:%d","from":{"key":"ev:%d"},"to":{"key":"ev:%d"},"relation":%q,"given_by_article":{"key":"art:1"}}`, i, i+1, k.random.IntN(i+1), k.pick("follows", "prompted_by"))
		k.line(`{"type":"assessment","key":"as:%d","reviewer":{"key":"src:%d"},"verdict":%q%s}`, i, k.random.IntN(4), k.pick("Wrong", "Right"), k.pick(`,"claim":{"key":"cl:0"}`, `,"statement":{"key":"st:1"},"normalised":"mixed"`, `,"statement":{"key":"st:1"},"normalised":"false"`))
		k.line(`{"type":"tip","key":"ti:%d","on":"country","record":%q,"text":"x","status":%q}`, i, k.pick("AF", "PK"), k.pick("new", "rejected"))
	}
	return k
}
