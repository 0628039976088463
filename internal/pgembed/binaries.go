package pgembed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const minMajor = 15

// installation is a directory that holds initdb and postgres.
type installation struct {
	dir   string
	major int
}

func (i installation) String() string { return fmt.Sprintf("PostgreSQL %d in %s", i.major, i.dir) }

// find chooses the programs: of the major that wrote the data, or, where there
// are none yet (0), the first of a supported major.
func find(ctx context.Context, o Options, dir string, written int, log *slog.Logger) (installation, error) {
	var found []installation
	if o.BinDir != "" {
		explicit, err := filepath.Abs(o.BinDir)
		if err != nil {
			return installation{}, err
		}
		one, err := inspect(ctx, explicit)
		if err != nil {
			return installation{}, fmt.Errorf("%w in %s: %w", ErrNoBinaries, explicit, err)
		}
		found = append(found, one)
	} else {
		found = installed(ctx, dir, log)
	}
	chosen, err := choose(found, dir, written)
	if err == nil || o.BinDir != "" || !o.AllowDownload || written != 0 && written != releaseMajor {
		return chosen, err
	}
	bin, downloadErr := download(ctx, dir, log)
	if downloadErr != nil {
		return installation{}, errors.Join(err, downloadErr)
	}
	if chosen, downloadErr = inspect(ctx, bin); downloadErr != nil {
		return installation{}, errors.Join(err, fmt.Errorf("the downloaded PostgreSQL does not run here: %w", downloadErr))
	}
	return chosen, nil
}

func choose(found []installation, dir string, written int) (installation, error) {
	for _, one := range found {
		if one.major >= minMajor && (written == 0 || one.major == written) {
			return one, nil
		}
	}
	offer := fmt.Sprintf("allow the download of PostgreSQL %d with EMBEDDED_PG_DOWNLOAD=1", releaseMajor)
	if _, ok := builds[platform]; !ok {
		offer += " (not offered for " + platform + ")"
	}
	switch {
	case written != 0 && written < minMajor:
		return installation{}, fmt.Errorf("%w: the data in %s are of PostgreSQL %d, and %d or newer is needed%s; bring them over with pg_upgrade or pg_dump, or set DATABASE_URL; nothing was changed",
			ErrMajor, filepath.Join(dir, "postgres"), written, minMajor, list(found))
	case written != 0 && len(found) > 0:
		also := ""
		if _, ok := builds[platform]; ok && written == releaseMajor {
			also = offer + ", "
		}
		return installation{}, fmt.Errorf("%w: the data in %s are of PostgreSQL %d%s; install PostgreSQL %d beside it, %sbring the data over with pg_upgrade or pg_dump, or set DATABASE_URL; nothing was changed",
			ErrMajor, filepath.Join(dir, "postgres"), written, list(found), written, also)
	case written != 0 && written != releaseMajor:
		return installation{}, fmt.Errorf("%w: the data in %s are of PostgreSQL %d; install PostgreSQL %d, or set DATABASE_URL to a running database; nothing was changed",
			ErrNoBinaries, filepath.Join(dir, "postgres"), written, written)
	}
	least := fmt.Sprintf("%d or newer", minMajor)
	if written != 0 {
		least = fmt.Sprint(written)
	}
	return installation{}, fmt.Errorf("%w%s; three ways out: set DATABASE_URL to a running database; install PostgreSQL %s; or %s",
		ErrNoBinaries, list(found), least, offer)
}

func list(found []installation) string {
	if len(found) == 0 {
		return ""
	}
	var text []string
	for _, one := range found {
		text = append(text, one.String())
	}
	return ", found: " + strings.Join(text, ", ")
}

// installed are the usable installations of this machine, the preferred first.
func installed(ctx context.Context, dir string, log *slog.Logger) []installation {
	var found []installation
	add := func(dirs ...string) {
		var group []installation
		for _, dir := range dirs {
			if slices.ContainsFunc(found, func(i installation) bool { return i.dir == dir }) {
				continue
			}
			one, err := inspect(ctx, dir)
			if err != nil {
				log.Debug("no usable PostgreSQL", "dir", dir, "error", err)
				continue
			}
			group = append(group, one)
		}
		slices.SortStableFunc(group, func(a, b installation) int { return b.major - a.major })
		found = append(found, group...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		add(strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		add(filepath.Dir(path))
	}
	for _, places := range [][]string{
		{"/usr/lib/postgresql/*/bin"},                    // Debian, Ubuntu
		{"/usr/pgsql-*/bin", "/usr/libexec/postgresql*"}, // Red Hat, Alpine
		{"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin"}, // Homebrew
		{"/Applications/Postgres.app/Contents/Versions/*/bin"},
	} {
		var dirs []string
		for _, place := range places {
			matches, _ := filepath.Glob(place)
			dirs = append(dirs, matches...)
		}
		add(dirs...)
	}
	cached, _ := os.ReadDir(filepath.Join(dir, "bin"))
	for _, e := range cached {
		add(filepath.Join(dir, "bin", e.Name(), "bin"))
	}
	return found
}

// inspect says which PostgreSQL a directory holds.
func inspect(ctx context.Context, dir string) (installation, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return installation{}, err
	}
	major, err := version(ctx, dir, "", nil)
	return installation{dir: dir, major: major}, err
}

var versionText = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// version runs postgres --version, which does nothing, under any user.
func version(ctx context.Context, bin, dir string, attr *syscall.SysProcAttr) (int, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, environment(), attr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return 0, fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return 0, err
	}
	match := versionText.FindSubmatch(out)
	if match == nil {
		return 0, fmt.Errorf("postgres --version says %q", out)
	}
	return strconv.Atoi(string(match[1]))
}

const platform = runtime.GOOS + "/" + runtime.GOARCH
