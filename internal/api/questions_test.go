package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// What the document says that can be asked is answered, in one request, on the
// sample; and every row of counts leads to a list that counts the same.
func TestQuestionsOfTheDocumentAreAnswered(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	questions := contract.Questions()
	if len(questions) < 10 {
		t.Fatalf("only %d questions", len(questions))
	}
	for _, q := range questions {
		a := c.get(q.Get)
		rows, _ := a.member("data").([]any)
		if a.StatusCode != http.StatusOK || len(rows) < q.Least {
			t.Errorf("%s %s: %d, %d rows, want %d: %.600s", q.Asks, q.Get, a.StatusCode, len(rows), q.Least, a.body)
			continue
		}
		if !strings.Contains(q.Get, "/counts") {
			continue
		}
		for i := range rows {
			behind := c.want(c.get(a.text("data", i, "href")), 200)
			count, want := behind.member("count"), a.member("data", i, "count")
			if count != want {
				t.Errorf("%s: row %d counts %v, its list %v", q.Get, i, want, count)
			}
		}
	}
}
