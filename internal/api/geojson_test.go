package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// A map has the events of the list, each at its places, longitude first.
func TestAMapCarriesWhatJSONCarries(t *testing.T) {
	t.Parallel()
	c := serveStore(t, world(t, 4))
	whole := c.want(c.get("/v1/events?dataset=any&limit=1000"), 200)
	want := whole.records("data")
	a := c.want(c.get("/v1/events?dataset=any", "Accept: application/geo+json"), 200)
	features, err := geojson.UnmarshalFeatureCollection(a.body)
	if err != nil || len(features.Features) != len(want) {
		t.Fatalf("%d features for %d events, %v", len(features.Features), len(want), err)
	}
	kinds := map[string]int{}
	for i, f := range features.Features {
		var points orb.MultiPoint
		precisions := []any{}
		for _, place := range want[i]["places"].([]any) {
			place := place.(map[string]any)
			if latitude, ok := place["latitude"].(float64); ok {
				points = append(points, orb.Point{place["longitude"].(float64), latitude})
				precisions = append(precisions, place["precision"])
			}
		}
		var at orb.Geometry
		switch len(points) {
		case 0:
		case 1:
			at = points[0]
		default:
			at = points
		}
		if !cmp.Equal(f.Geometry, at) || f.ID != want[i]["id"] {
			t.Errorf("%v is at %v, want %v at %v", f.ID, f.Geometry, want[i]["id"], at)
		}
		if at != nil {
			kinds[at.GeoJSONType()]++
		} else {
			kinds["null"]++
		}
		want[i]["precision"] = precisions
		if diff := cmp.Diff(want[i], map[string]any(f.Properties)); diff != "" {
			t.Errorf("%v (-JSON +GeoJSON):\n%s", f.ID, diff)
		}
	}
	if len(kinds) != 3 {
		t.Errorf("the random events have only %v", kinds)
	}
	for _, name := range []string{"next_cursor", "scope", "derived_pending", "as_of"} {
		if !cmp.Equal(features.ExtraMembers[name], whole.member(name)) {
			t.Errorf("%s is %v, in JSON %v", name, features.ExtraMembers[name], whole.member(name))
		}
	}
	if again := c.want(c.get(features.ExtraMembers["cite"].(string)), 200); !slices.Equal(again.body[:1000], a.body[:1000]) {
		t.Errorf("the citation %v gives something else: %.300s", features.ExtraMembers["cite"], again.body)
	}

	page := c.want(c.get("/v1/events?dataset=any&format=geojson&limit=5&fields=title"), 200)
	next := c.want(c.get("/v1/events?dataset=any&format=geojson&limit=5&cursor="+page.text("next_cursor")), 200)
	if got := append(page.records("features"), next.records("features")...); got[0]["id"] != want[0]["id"] || got[9]["id"] != want[9]["id"] || len(got) != 10 {
		t.Errorf("two pages of the map: %s %s", page.body, next.body)
	}
	for i, f := range page.records("features") {
		if diff := cmp.Diff(map[string]any{"title": want[i]["title"], "precision": want[i]["precision"]}, f["properties"]); diff != "" {
			t.Errorf("trimmed (-want +got):\n%s", diff)
		}
		if trimmed, at := f["geometry"], features.Features[i].Geometry; (trimmed == nil) != (at == nil) {
			t.Errorf("trimmed, %v is at %v", f["id"], trimmed)
		}
	}
	empty := c.want(c.get("/v1/events?format=geojson&key=no:one"), 200)
	if none, err := geojson.UnmarshalFeatureCollection(empty.body); err != nil || len(none.Features) != 0 {
		t.Errorf("no events: %s, %v", empty.body, err)
	}
	if a := c.get("/v1/statements", "Accept: application/geo+json"); a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("statements as a map: %d %s", a.StatusCode, a.Header.Get("Content-Type"))
	}
}
