package realserver

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// A program is an unpacked server.
type program struct {
	root string   // as if it were "/"
	libs []string // folders of shared libraries that it brought along
}

// binaries names the file in a program's root that shows that it is there.
var binaries = map[Kind]string{
	VSFTPD:    "usr/sbin/vsftpd",
	ProFTPD:   "usr/sbin/proftpd",
	PureFTPd:  "usr/sbin/pure-ftpd",
	PyFTPDLib: "usr/lib/python3/dist-packages/pyftpdlib/__init__.py",
}

// find returns the unpacked program of kind, or an *Unavailable.
func find(kind Kind) (program, error) {
	binary, ok := binaries[kind]
	if !ok {
		return program{}, fmt.Errorf("no such server: %q", kind)
	}
	if runtime.GOOS != "linux" {
		return program{}, &Unavailable{Kind: kind, Reason: "it is fetched for Linux only"}
	}
	top, err := projectRoot()
	if err != nil {
		return program{}, err
	}
	root := filepath.Join(top, ".cache", "servers", string(kind))
	if _, err := os.Stat(filepath.Join(root, binary)); err != nil {
		return program{}, &Unavailable{Kind: kind, Reason: "scripts/servers.sh has not fetched it"}
	}
	if os.Geteuid() != 0 && (kind == VSFTPD || kind == PureFTPd) {
		return program{}, &Unavailable{Kind: kind, Reason: "it logs users in only when it is started by root"}
	}
	p := program{root: root}
	for _, pattern := range []string{"usr/lib/*-linux-gnu*", "lib/*-linux-gnu*"} {
		dirs, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return program{}, err
		}
		p.libs = append(p.libs, dirs...)
	}
	return p, nil
}

// path returns the place of a file of the program.
func (p program) path(name string) string { return filepath.Join(p.root, name) }

// env returns the environment for the program: its libraries, after extra
// folders, and nothing of the user's but PATH.
func (p program) env(extraLibs ...string) []string {
	libs := append(extraLibs, p.libs...)
	return []string{
		"PATH=" + os.Getenv("PATH"),
		"LANG=C.UTF-8",
		"LC_ALL=C.UTF-8",
		"LD_LIBRARY_PATH=" + strings.Join(libs, ":"),
	}
}

// projectRoot looks upwards for go.mod.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("not inside the project: no go.mod above the working directory")
		}
		dir = up
	}
}

// A servantUser is the user whom the servers work as: a system user where root
// starts them, else whoever does.
type servantUser struct {
	name, group string
	uid, gid    int
}

func servant() (servantUser, error) {
	name := "daemon"
	u, err := user.Current()
	if os.Geteuid() == 0 {
		u, err = user.Lookup(name)
	}
	if err != nil {
		return servantUser{}, err
	}
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return servantUser{}, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return servantUser{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return servantUser{}, err
	}
	return servantUser{name: u.Username, group: g.Name, uid: uid, gid: gid}, nil
}
