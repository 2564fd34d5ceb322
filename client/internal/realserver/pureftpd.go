package realserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// setupPureFTPd configures Pure-FTPd, which takes everything on its command
// line and its user from a database of its own.
func setupPureFTPd(ctx context.Context, s *Server, prog program, owner servantUser, host, port string) (command, error) {
	if s.Security == Implicit {
		return command{}, &Unavailable{Kind: PureFTPd, Reason: "it has no implicit TLS"}
	}
	passwd, db := filepath.Join(s.dir, "passwd"), filepath.Join(s.dir, "users.pdb")
	line := fmt.Sprintf("%s:%s:%d:%d::%s/./::::::::::::\n", testUser, passwordHash, owner.uid, owner.gid, s.Root)
	if err := os.WriteFile(passwd, []byte(line), 0o600); err != nil {
		return command{}, err
	}
	mkdb := exec.CommandContext(ctx, prog.path("usr/bin/pure-pw"), "mkdb", db, "-f", passwd)
	mkdb.Env = prog.env()
	if msg, err := mkdb.CombinedOutput(); err != nil {
		return command{}, fmt.Errorf("make the user database: %w\n%s", err, msg)
	}
	log := filepath.Join(s.dir, "transfers.log")
	s.logs = append(s.logs, log)
	args := []string{
		"-S", host + "," + port,
		"-l", "puredb:" + db,
		"-u", "1", // the lowest user id that may log in
		"-A", "-E", "-H", "-D", // in its folder, not anonymous, no names asked, dot files shown
		"-c", "200", "-C", "200", // sessions
		"-U", "133:022",
		"-L", "200000:20", // entries of a listing, and depth
		"-f", "none", "-O", "clf:" + log,
		"-g", filepath.Join(s.dir, "pid"),
	}
	if s.Security == Explicit {
		args = append(args, "-Y", "3", "-2", s.bothFile())
	}
	return command{
		path: prog.path(binaries[PureFTPd]),
		args: args,
		env:  append(prog.env(), s.tlsEnv()...),
	}, nil
}
