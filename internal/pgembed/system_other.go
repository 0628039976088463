//go:build !linux

package pgembed

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithParent: only Linux has a parent-death signal; elsewhere the next start
// stops a postgres that outlived us.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}

func namespace(int, int) (syscall.SysProcAttr, error) {
	return syscall.SysProcAttr{}, errors.New("this system has none")
}

// servers is the postmaster of the pid file, if its command line names the cluster.
func servers(cluster string, pid int) []int {
	if pid <= 0 {
		return nil
	}
	command, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || !strings.Contains(string(command), "-D "+cluster+" ") {
		return nil
	}
	return []int{pid}
}
