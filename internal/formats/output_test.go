package formats

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func output(t testing.TB, o *Output, sources ...Source) (string, Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := o.Convert(t.Context(), sources, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), report
}

// Our stream as ClaimReview: what is assessed is a claim in one fixture and a
// statement in the others.
func TestClaimReviewOutput(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"claimreview", "liar", "averitec"} {
		out, report := output(t, claimReviewOutput, File(filepath.Join("testdata", name+".ndjson")))
		golden(t, name+".jsonld", []byte(out))
		if report.Lines == 0 || report.Skipped > 0 {
			t.Errorf("%s: %d reviews, %d skipped", name, report.Lines, report.Skipped)
		}
	}
}

// What was written is read again to the same reviews.
func TestClaimReviewRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"claimreview", "liar", "averitec"} {
		first, _ := output(t, claimReviewOutput, File(filepath.Join("testdata", name+".ndjson")))
		var stream bytes.Buffer
		report, err := claimReview.Convert(t.Context(), []Source{written("out", first)}, nil, &stream)
		if err != nil || report.Skipped > 0 {
			t.Fatalf("%s: %v, %d skipped", name, err, report.Skipped)
		}
		second, _ := output(t, claimReviewOutput, written("again", stream.String()))
		if diff := cmp.Diff(strings.Split(first, "\n"), strings.Split(second, "\n")); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

const twoSpeakers = `{"type":"source","key":"x:r","name":"R","kind":"fact_checker"}
{"type":"speaker","key":"x:a","name":"A","kind":"person"}
{"type":"speaker","key":"x:b","name":"Some officials","kind":"collective"}
{"type":"claim","key":"x:c","text":"C","sort":"fact"}
{"type":"statement","key":"x:1","speaker":{"key":"x:a"},"kind":"assertion","text":"one","said_on":"2024-05","positions":[{"claim":{"key":"x:c"},"stance":"asserts"}]}
{"type":"statement","key":"x:2","speaker":{"key":"x:b"},"kind":"assertion","text":"two"}
{"type":"position","key":"x:p","statement":{"key":"x:2"},"claim":{"key":"x:c"},"stance":"asserts"}
{"type":"statement","key":"x:3","speaker":{"key":"x:a"},"kind":"denial","text":"three","positions":[{"claim":{"key":"x:c"},"stance":"denies"}]}
{"type":"statement","key":"x:4","speaker":{"key":"x:a"},"kind":"assertion","text":"four","within":{"key":"x:2"},"positions":[{"claim":{"key":"x:c"},"stance":"asserts"}]}
`

// Whoever denies the claim, or is only said to have made it, is no claimant;
// whoever has no name stays without one; vague dates are left out.
func TestClaimReviewNamesOnlyWhoSaysIt(t *testing.T) {
	t.Parallel()
	out, report := output(t, claimReviewOutput, written("s", twoSpeakers+`{"type":"assessment","key":"x:v","claim":{"key":"x:c"},"verdict":"Wrong","normalised":"false","reviewer":{"key":"x:r"},"reviewed_on":"2024~"}`+"\n"))
	want := `{"@context":"https://schema.org","@graph":[
{"@type":"ClaimReview","author":{"@type":"Organization","name":"R"},"claimReviewed":"C","reviewRating":{"@type":"Rating","alternateName":"Wrong"},"itemReviewed":{"@type":"Claim","author":{"@type":"Person","name":"A"}}}
]}
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	var left []string
	for _, c := range report.Left {
		what, _, _ := strings.Cut(c.What, ":")
		left = append(left, what)
	}
	if diff := cmp.Diff([]string{"reviewed_on", "normalised", "said_on", "speaker", "statements", "url"}, left); diff != "" {
		t.Error(diff)
	}
}

func TestClaimReviewOutputOfBrokenStreams(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"type":"assessment","key":"x:v","claim":{"key":"x:c"},"verdict":"Wrong","reviewer":{"key":"x:none"}}`: "",
		`{"type":"assessment","key":"x:v","claim":{"key":"x:no"},"verdict":"Wrong","reviewer":{"key":"x:r"}}`:   "",
		`{"type":"assessment","key":"x:v"}`: "s:10: ",
		`{"type":"verdict","key":"x:v"}`:    `s:10: "verdict" is not a kind of record`,
		`[]`:                                "s:10: is not a JSON object with a type",
	} {
		report, err := claimReviewOutput.Convert(t.Context(), []Source{written("s", twoSpeakers+line+"\n")}, io.Discard)
		switch {
		case want == "" && (err != nil || report.Skipped != 1):
			t.Errorf("%s: %v, %d skipped", line, err, report.Skipped)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	if _, err := claimReviewOutput.Convert(t.Context(), nil, io.Discard); err == nil {
		t.Error("no file is converted")
	}
}
