package formats

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// fuzz converts data as one file of a format, the others being those given.
// Whatever comes in, what goes out is a stream that an import takes, twice the
// same, or the error says which file and why.
func fuzz(t *testing.T, f *Format, options map[string]string, data []byte, others ...Source) {
	sources := append([]Source{{"fuzzed", func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}}, others...)
	var stream, again bytes.Buffer
	report, err := f.Convert(t.Context(), sources, options, &stream)
	if err != nil {
		var fault *Error
		if errors.As(err, &fault) && (fault.File == "" || fault.Line < 0 || fault.Reason == "") {
			t.Fatalf("an error without a place or a reason: %#v", fault)
		}
		return
	}
	checkStream(t, stream.Bytes(), f.Dataset)
	if lines := bytes.Count(stream.Bytes(), []byte("\n")); lines != report.Lines {
		t.Fatalf("%d lines are reported, %d written", report.Lines, lines)
	}
	if _, err := f.Convert(t.Context(), sources, options, &again); err != nil || !bytes.Equal(stream.Bytes(), again.Bytes()) {
		t.Fatalf("a second conversion differs: %v", err)
	}
}

func seed(f *testing.F, files ...string) {
	for _, file := range files {
		f.Add([]byte(fixtureText(f, file)))
	}
}

func FuzzLIAR(f *testing.F) {
	seed(f, "liar.tsv")
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, liar, nil, data) })
}

func FuzzAVeriTeC(f *testing.F) {
	seed(f, "averitec.json")
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, averitec, nil, data) })
}

func FuzzEUvsDisinfo(f *testing.F) {
	seed(f, "euvsdisinfo-semicolon.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzz(t, euvsdisinfo, map[string]string{"dates": "DD.MM.YYYY"}, data)
	})
}

func FuzzDroneStrikesFirst(f *testing.F) {
	seed(f, "drone-first.csv")
	format := madeUpStrikes(f)
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, format, nil, data, File("testdata/drone-second.csv")) })
}

func FuzzDroneStrikesSecond(f *testing.F) {
	seed(f, "drone-second.csv")
	format := madeUpStrikes(f)
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, format, nil, data, File("testdata/drone-first.csv")) })
}

func FuzzMinisters(f *testing.F) {
	seed(f, "ministers-person.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzz(t, ifgMinisters, nil, data, File("testdata/ministers-post.csv"), File("testdata/ministers-appointment.csv"), File("testdata/ministers-organisation.csv"))
	})
}

func FuzzAppointments(f *testing.F) {
	seed(f, "ministers-appointment.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzz(t, ifgMinisters, nil, data, File("testdata/ministers-post.csv"), File("testdata/ministers-person.csv"), File("testdata/ministers-organisation.csv"))
	})
}

func FuzzPopolo(f *testing.F) {
	seed(f, "popolo.json")
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, popolo, nil, data) })
}

func FuzzClaimReview(f *testing.F) {
	seed(f, "claimreview.json")
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, claimReview, nil, data) })
}

// What comes out of a stream that is none is an error, what comes out of one is
// JSON-LD that is read again.
func FuzzClaimReviewOutput(f *testing.F) {
	seed(f, "claimreview.ndjson", "liar.ndjson")
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		source := Source{"fuzzed", func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
		if _, err := claimReviewOutput.Convert(t.Context(), []Source{source}, &out); err == nil {
			if _, err := claimReview.Convert(t.Context(), []Source{written("out", out.String())}, nil, io.Discard); err != nil {
				t.Fatalf("%v: %s", err, out.Bytes())
			}
		}
	})
}
