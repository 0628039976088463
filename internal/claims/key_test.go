package claims_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"onrecord/internal/claims"
)

// The derivation is for ever: ids in databases, exports and citations depend
// on it. These vectors never change.
func TestIDsFollowFromKeys(t *testing.T) {
	for key, want := range map[string]string{
		"person:khawaja-asif":        "38a81e87-8678-8b84-b829-13f25283e4f2",
		"gov:AF":                     "7b5fe22b-c865-86a5-81da-5e10bd4765e2",
		"outlet:x":                   "7647af7a-931b-84f2-9cf7-51bf2bdd2536",
		"a:1":                        "ca978112-2b2c-80a6-b06d-9e5f320d5536",
		"s:1/a:1":                    "043a7187-11e5-8aea-8607-a61f0faae8c0",
		"sample:asif-proxy-conflict": "af2bdbe1-fa5f-8f24-89b4-e8563827926a",
		"liar:2635.json":             "30e9190d-ec98-83b2-b594-10638fb416f8",
		"wikidata:Q42 · Дуглас «Адамс»": "93768342-2626-8358-99ca-8e73ac442117",
		"x:" + strings.Repeat("é", 99):  "2d711642-841c-88d3-8774-a7175791ddbe",
	} {
		got := claims.ID(key)
		if got != want {
			t.Errorf("%q gives %s, want %s", key, got, want)
		}
		id, err := uuid.Parse(got)
		if err != nil || id.Version() != 8 || id.Variant() != uuid.RFC4122 {
			t.Errorf("%q gives %s, which is no UUIDv8", key, got)
		}
	}
}

func TestKeysOfANamespaceLieTogether(t *testing.T) {
	name := rapid.StringMatching(`[a-z][a-z0-9]{0,10}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		one, two := claims.ID(a+":1"), claims.ID(a+":2")
		if one[:8] != two[:8] || one == two {
			t.Fatalf("%s and %s", one, two)
		}
		if other := claims.ID(b + ":1"); a != b && other[:8] == one[:8] {
			t.Fatalf("namespaces %s and %s share %s", a, b, one[:8])
		}
	})
}

func TestWhatAKeyIs(t *testing.T) {
	for key, why := range map[string]string{
		"person:asif":                   "",
		"a:b:c":                         "",
		"a:B c/d?":                      "",
		"0.x-y_z:é":                     "",
		"a:" + strings.Repeat("x", 198): "",
		"":                              "form",
		"asif":                          "form",
		"a:":                            "form",
		":a":                            "namespace",
		"A:x":                           "namespace",
		"a b:x":                         "namespace",
		strings.Repeat("a", 64) + ":x":  "namespace",
		"-a:x":                          "namespace",
		"a: x":                          "space",
		"a:x\n":                         "space",
		"a:x\u200by":                    "control",
		"a:x\x00y":                      "control",
		"a:e\u0301":                     "NFC",
		"a:\xff":                        "NFC",
		"a:" + strings.Repeat("x", 199): "200 bytes",
	} {
		err := claims.CheckKey(key)
		switch {
		case why == "" && err != nil:
			t.Errorf("%q: %v", key, err)
		case why != "" && (err == nil || !strings.Contains(err.Error(), why)):
			t.Errorf("%q: %v, want %q in it", key, err, why)
		}
	}
}
