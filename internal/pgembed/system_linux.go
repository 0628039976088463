package pgembed

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// namespace makes our user and group appear as uid and gid to a child.
func namespace(uid, gid int) (syscall.SysProcAttr, error) {
	return syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: os.Getegid(), Size: 1}},
	}, nil
}

// servers are the processes of PostgreSQL that work on the cluster: each of
// them, the postmaster and the backends, has it as its working directory.
func servers(cluster string, _ int) []int {
	home, err := os.Stat(cluster)
	if err != nil {
		return nil
	}
	var found []int
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		comm, err := os.ReadFile(filepath.Join(dir, "comm"))
		if err != nil || strings.TrimSpace(string(comm)) != "postgres" {
			continue
		}
		if cwd, err := os.Stat(filepath.Join(dir, "cwd")); err == nil && os.SameFile(cwd, home) {
			pid, _ := strconv.Atoi(filepath.Base(dir))
			found = append(found, pid)
		}
	}
	return found
}
