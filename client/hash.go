package client

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
)

// A Hash is a checksum that the server computed.
type Hash struct {
	Algo string // "SHA-256", "SHA-512", "SHA-1", "MD5" or "CRC32"
	Sum  string // lower-case hexadecimal
}

// hashCommands are the older commands, the strongest first (no RFC; as ProFTPD's
// mod_digest, Serv-U and others have them).
var hashCommands = []struct {
	verb, algo string
	bytes      int
}{
	{"XSHA512", "SHA-512", 64},
	{"XSHA256", "SHA-256", 32},
	{"XSHA1", "SHA-1", 20},
	{"XSHA", "SHA-1", 20},
	{"XMD5", "MD5", 16},
	{"XCRC", "CRC32", 4},
}

// hashSizes are the sizes of the sums of HASH's algorithms in bytes.
var hashSizes = map[string]int{"SHA-512": 64, "SHA-256": 32, "SHA-1": 20, "MD5": 16, "CRC32": 4}

// Hash returns the checksum of the file at path as the server computes it: by
// HASH (draft-bryan-ftpext-hash), else by XSHA512, XSHA256, XSHA1, XMD5 or XCRC, whichever
// FEAT lists. algo chooses one, as in Hash.Algo; empty takes the strongest.
// ErrUnsupported says that the server has none, or not this one.
func (s *Session) Hash(ctx context.Context, path, algo string) (Hash, error) {
	release, err := s.acquire(ctx)
	if err != nil {
		return Hash{}, err
	}
	defer release()
	if err = s.setType(ctx, false); err != nil {
		return Hash{}, err
	}
	path = s.abs(path)
	f := s.Features()
	if f.Has("HASH") {
		if h, ok, hashErr := s.hash(ctx, f.Param("HASH"), path, algo); ok || hashErr != nil {
			return h, hashErr
		}
	}
	for _, c := range hashCommands {
		if !f.Has(c.verb) || algo != "" && algo != c.algo {
			continue
		}
		rep, cmdErr := s.cmd(ctx, c.verb, quoted(path))
		if cmdErr != nil {
			return Hash{}, unsupported(cmdErr)
		}
		return sumIn(rep, c.algo, c.bytes)
	}
	if algo != "" {
		return Hash{}, fmt.Errorf("%w: %s", ErrUnsupported, algo)
	}
	return Hash{}, ErrUnsupported
}

// hash uses HASH; offered is FEAT's list, "SHA-256*;MD5", the chosen one starred.
// ok is false where the wanted algorithm is not in it.
func (s *Session) hash(ctx context.Context, offered, path, algo string) (h Hash, ok bool, err error) {
	current, best := "", ""
	have := map[string]bool{}
	for item := range strings.SplitSeq(offered, ";") {
		name, starred := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(item)), "*")
		have[name] = true
		if starred {
			current = name
		}
	}
	for _, name := range []string{"SHA-512", "SHA-256", "SHA-1", "MD5", "CRC32"} {
		if have[name] && best == "" {
			best = name
		}
	}
	want := algo
	if want == "" {
		want = best
	}
	if want == "" || !have[want] {
		return h, false, nil
	}
	if s.hashAlgo != "" {
		current = s.hashAlgo
	}
	if want != current {
		s.hashAlgo = ""
		if _, err = s.cmd(ctx, "OPTS", "HASH "+want); err != nil {
			return h, false, unsupported(err)
		}
		s.hashAlgo = want
	}
	rep, err := s.cmd(ctx, "HASH", path)
	if err != nil {
		return h, false, unsupported(err)
	}
	h, err = sumIn(rep, want, hashSizes[want])
	return h, true, err
}

// quoted puts a pathname that holds a blank between quotes: the X commands take
// further arguments after the first blank.
func quoted(path string) string {
	if strings.Contains(path, " ") && !strings.Contains(path, `"`) {
		return `"` + path + `"`
	}
	return path
}

// sumIn finds the word of the reply that is a sum of the right size.
func sumIn(rep Reply, algo string, size int) (Hash, error) {
	for _, l := range rep.Lines {
		for word := range strings.FieldsSeq(l) {
			word = strings.ToLower(strings.Trim(word, `"'`))
			if algo == "CRC32" && len(word) < 2*size && len(word) > 0 && isHex(word) {
				word = strings.Repeat("0", 2*size-len(word)) + word
			}
			if len(word) == 2*size && isHex(word) {
				return Hash{Algo: algo, Sum: word}, nil
			}
		}
	}
	return Hash{}, &ProtocolError{Line: rep.String(), What: "the reply holds no " + algo + " sum"}
}

func isHex(s string) bool {
	if len(s)%2 == 1 {
		s = "0" + s
	}
	_, err := hex.DecodeString(s)
	return err == nil
}
