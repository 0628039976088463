package pgembed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that the PostgreSQL programs run as.
type account struct {
	attr     syscall.SysProcAttr
	uid, gid int // of the files, as this process sees them
}

// chooseAccount answers two refusals: initdb and postgres don't run as root, and
// initdb doesn't run as a user who is missing from the user database. A user
// namespace that gives our uid another number satisfies both, and the files stay
// ours; where there is none, root can still become another user.
func chooseAccount(ctx context.Context, bin, dir, cluster string, fresh bool) (account, error) {
	me := os.Geteuid()
	plain := account{uid: me, gid: os.Getegid()}
	if fresh {
		if _, err := user.LookupId(strconv.Itoa(me)); err == nil && me != 0 {
			return plain, nil
		}
	} else {
		info, err := os.Stat(cluster)
		if err != nil {
			return account{}, err
		}
		switch uid, gid := ids(info); {
		case uid == me && me != 0:
			return plain, nil
		case me != 0:
			return account{}, fmt.Errorf("%w: the data in %s belong to uid %d, and this process runs as uid %d: run it as their owner", ErrAccount, cluster, uid, me)
		case uid != 0:
			as := become(uid, gid)
			return as, as.try(ctx, bin, dir)
		}
	}

	var other *user.User
	for _, name := range []string{"postgres", "nobody", "daemon"} {
		if u, err := user.Lookup(name); err == nil {
			other = u
			break
		}
	}
	if other == nil {
		return account{}, fmt.Errorf("%w: the user database (/etc/passwd) has no user postgres, nobody or daemon; add one", ErrAccount)
	}
	uid, uidErr := strconv.Atoi(other.Uid)
	gid, gidErr := strconv.Atoi(other.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, err
	}
	as, namespaceErr := plain, error(nil)
	if as.attr, namespaceErr = namespace(uid, gid); namespaceErr == nil {
		if namespaceErr = as.try(ctx, bin, dir); namespaceErr == nil {
			return as, nil
		}
	}
	if me != 0 {
		return account{}, fmt.Errorf("%w: uid %d is missing from the user database, and a user namespace is refused (%w); add the uid to /etc/passwd, allow user namespaces, or set DATABASE_URL", ErrAccount, me, namespaceErr)
	}

	as = become(uid, gid)
	if err := as.try(ctx, bin, dir); err != nil {
		return account{}, fmt.Errorf("PostgreSQL does not run as root; a user namespace is refused (%w), and as user %s: %w", namespaceErr, other.Username, err)
	}
	if fresh {
		return as, nil
	}
	return as, filepath.WalkDir(cluster, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, gid))
	})
}

func become(uid, gid int) account {
	as := account{uid: uid, gid: gid}
	as.attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return as
}

// try runs postgres as this user in the state directory, to no effect.
func (a account) try(ctx context.Context, bin, dir string) error {
	if _, err := version(ctx, bin, dir, &a.attr); err != nil {
		return fmt.Errorf("%w: uid %d cannot run %s/postgres in %s: %w (do both directories let it through?)", ErrAccount, a.uid, bin, dir, err)
	}
	return nil
}

// process is how a program is started as this user; it gets the signal if we die.
func (a account) process(sig syscall.Signal) *syscall.SysProcAttr {
	attr := a.attr
	attr.Setpgid = true
	dieWithParent(&attr, sig)
	return &attr
}

// own gives the directory to this user.
func (a account) own(dir string) error {
	if a.attr.Credential == nil {
		return nil
	}
	return os.Chown(dir, a.uid, a.gid)
}
