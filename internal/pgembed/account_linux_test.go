package pgembed

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const strangerUID = 54321 // in no user database

func TestAccounts(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can try other users")
	}
	nobody := become(65534, 65534).attr
	stranger := become(strangerUID, strangerUID).attr
	// In a user namespace of one's own, with everybody in it, namespaces can be forbidden.
	everybody := []syscall.SysProcIDMap{{Size: 65536}}
	inside := syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: everybody, GidMappings: everybody, GidMappingsEnableSetgroups: true}

	for _, c := range []struct {
		name, mode string
		attr       syscall.SysProcAttr
		owner      int // of the state directory
		dataOwner  int // of the cluster made in it
	}{
		{"root", "plain", syscall.SysProcAttr{}, 0, 0},
		{"user", "plain", nobody, 65534, 65534},
		{"user without entry", "plain", stranger, strangerUID, strangerUID},
		{"root without namespaces", "without namespaces", inside, 0, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := tempDir(t, c.owner)
			h := startHelper(t, c.mode, dir, binDir(t), &c.attr)
			if h.Error != "" {
				t.Fatal(h.Error)
			}
			exec1(t, h.URL, createTable)
			exec1(t, h.URL, insert(1))
			h.stop(t)
			info, err := os.Stat(filepath.Join(dir, "postgres"))
			must(t, err)
			if owner, _ := ids(info); owner != c.dataOwner && c.dataOwner >= 0 || owner == 0 && c.dataOwner < 0 {
				t.Errorf("the data belong to uid %d", owner)
			}

			h = startHelper(t, c.mode, dir, binDir(t), &c.attr)
			if h.Error != "" {
				t.Fatal(h.Error)
			}
			if got := query[int](t, h.URL, count); got != 1 {
				t.Errorf("%d rows, want 1", got)
			}
			h.cmd.Process.Kill() // the death signal must pass from user to user
			h.cmd.Wait()
			within(t, patience/4, "the end of postgres", func() bool { return gone(h.PID) })

			// Root may open them too, and they keep their owner.
			s := start(t, dir)
			if got := query[int](t, s.URL(), count); got != 1 {
				t.Errorf("%d rows, want 1", got)
			}
			info, err = os.Stat(filepath.Join(s.cluster, "postmaster.pid"))
			must(t, err)
			if owner, _ := ids(info); owner != c.dataOwner && c.dataOwner >= 0 {
				t.Errorf("root's postgres runs as uid %d", owner)
			}
			stop(t, s)

			h = startHelper(t, c.mode, dir, binDir(t), &c.attr)
			if h.Error != "" {
				t.Fatalf("after root's visit: %s", h.Error)
			}
			h.stop(t)
		})
	}

	t.Run("another owner's data", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t, strangerUID)
		must(t, os.Mkdir(filepath.Join(dir, "postgres"), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("15\n"), 0o644))
		h := startHelper(t, "plain", dir, binDir(t), &stranger)
		if !h.Unavailable || !strings.Contains(h.Error, "belong to uid 0") {
			t.Errorf("%q", h.Error)
		}
	})
	t.Run("user without entry, without namespaces", func(t *testing.T) {
		t.Parallel()
		dir := tempDir(t, strangerUID)
		alone := syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, UidMappings: everybody, GidMappings: everybody, GidMappingsEnableSetgroups: true,
			Credential:  &syscall.Credential{Uid: strangerUID, Gid: strangerUID},
			AmbientCaps: []uintptr{21, 24}, // CAP_SYS_ADMIN, CAP_SYS_RESOURCE: to set the limit
		}
		h := startHelper(t, "without namespaces", dir, binDir(t), &alone)
		if !h.Unavailable || !strings.Contains(h.Error, "/etc/passwd") || !strings.Contains(h.Error, "DATABASE_URL") {
			t.Errorf("%q", h.Error)
		}
	})
}
