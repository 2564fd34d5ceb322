package ftptest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"strings"
)

func newHash(algo string) hash.Hash {
	switch algo {
	case "SHA-256":
		return sha256.New()
	case "SHA-1":
		return sha1.New()
	case "MD5":
		return md5.New()
	case "CRC32":
		return crc32.NewIEEE()
	}
	return nil
}

// hashes is the value of HASH in FEAT, with a star at the one in use.
func (c *Conn) hashes() string {
	list := []string{"SHA-256", "SHA-1", "MD5", "CRC32"}
	for i, a := range list {
		if a == c.session.hash {
			list[i] += "*"
		}
	}
	return strings.Join(list, ";")
}

// sum hashes a file, and replies where it cannot.
func (c *Conn) sum(algo, arg string) (sum string, size int64, ok bool) {
	if _, isFile := c.statFile(arg); !isFile {
		return "", 0, false
	}
	f, err := c.srv.tree.open(c.path(arg), 0)
	if err != nil {
		c.refuse(err)
		return "", 0, false
	}
	h := newHash(algo)
	buf := make([]byte, dataChunk)
	for {
		n := f.read(buf)
		if n == 0 {
			break
		}
		_, _ = h.Write(buf[:n]) // never fails
		size += int64(n)
	}
	return hex.EncodeToString(h.Sum(nil)), size, true
}

// cmdHASH answers as draft-bryan-ftp-hash-02 wants it.
func (c *Conn) cmdHASH(arg string) {
	if sum, size, ok := c.sum(c.session.hash, arg); ok {
		c.Reply(213, fmt.Sprintf("%s 0-%d %s %s", c.session.hash, size, sum, arg))
	}
}

func xhash(algo string) func(*Conn, string) {
	return func(c *Conn, arg string) {
		if len(arg) > 1 && arg[0] == '"' && arg[len(arg)-1] == '"' {
			arg = arg[1 : len(arg)-1]
		}
		if sum, _, ok := c.sum(algo, arg); ok {
			c.Reply(250, strings.ToUpper(sum))
		}
	}
}
