package api_test

import (
	"testing"

	"onrecord/internal/claims"
	"onrecord/internal/testkit"
	"onrecord/reference"
	"onrecord/sample"
)

// shipped serves what ships with the service: the countries and the sample.
func shipped(t *testing.T) *client {
	t.Helper()
	s := testkit.Store(t)
	for _, stream := range [][]byte{reference.Countries, sample.Stream} {
		inputs, err := claims.ReadStream(stream)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Load(t, s, "onrecord:sample", inputs)
	}
	return serveStore(t, s)
}
