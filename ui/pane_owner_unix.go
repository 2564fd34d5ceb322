//go:build unix

package ui

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// paneOwners looks up who owns files, and remembers it.
type paneOwners struct {
	users, groups map[uint32]string
}

func newPaneOwners() *paneOwners {
	return &paneOwners{users: map[uint32]string{}, groups: map[uint32]string{}}
}

// of returns "owner:group", or "owner" where both are called the same.
func (o *paneOwners) of(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	name := remembered(o.users, st.Uid, func(id string) string {
		if u, err := user.LookupId(id); err == nil {
			return u.Username
		}
		return id
	})
	group := remembered(o.groups, st.Gid, func(id string) string {
		if g, err := user.LookupGroupId(id); err == nil {
			return g.Name
		}
		return id
	})
	if name == group {
		return name
	}
	return name + ":" + group
}

func remembered(names map[uint32]string, id uint32, look func(string) string) string {
	name, known := names[id]
	if !known {
		name = look(strconv.FormatUint(uint64(id), 10))
		names[id] = name
	}
	return name
}
