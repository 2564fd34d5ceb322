package transfers

import (
	"context"
	"io"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
)

// Remote is what the package needs of a session; *client.Session is one.
//
// More is found by type assertion and done without where it is missing: Size,
// ModTime, SetModTime, Rename, Hash, ListPlain, Features, Info and Done, as
// *client.Session has them.
type Remote interface {
	Browser
	Mover
	Changer
	Namer
}

// A RemoteCloser is a Remote whose user also ends it.
type RemoteCloser interface {
	Remote
	io.Closer
}

// A Browser says what is on the server.
type Browser interface {
	List(ctx context.Context, path string) (*listing.Listing, error)
	Stat(ctx context.Context, path string) (listing.Entry, error)
}

// A Mover moves the contents of files.
type Mover interface {
	Retrieve(ctx context.Context, path string, dst io.Writer, opt client.TransferOptions) (int64, error)
	Store(ctx context.Context, path string, src io.Reader, opt client.TransferOptions) (int64, error)
}

// A Changer makes folders and removes what is there.
type Changer interface {
	MakeDir(ctx context.Context, path string) error
	Delete(ctx context.Context, path string) error
	RemoveDir(ctx context.Context, path string) error
}

// A Namer converts between the bytes of the server's character set and text.
type Namer interface {
	Text(raw string) string
	Encode(text string) (string, error)
}

// The optional abilities of a Remote.
type (
	sizer interface {
		Size(ctx context.Context, path string) (int64, error)
	}
	timer interface {
		ModTime(ctx context.Context, path string) (time.Time, error)
	}
	timeSetter interface {
		SetModTime(ctx context.Context, path string, t time.Time) error
	}
	renamer interface {
		Rename(ctx context.Context, from, to string) error
	}
	checker interface {
		CheckLater(ctx context.Context, path string, mtime time.Time, size bool) (*client.Check, error)
	}
	hasher interface {
		Hash(ctx context.Context, path, algo string) (client.Hash, error)
	}
	plainLister interface {
		ListPlain(ctx context.Context, path string) (*listing.Listing, error)
	}
	featured interface {
		Features() client.Features
	}
	informed interface {
		Info() client.Info
	}
	watched interface {
		Done() <-chan struct{}
	}
)

// isGone reports whether r knows that its control connection has ended.
func isGone(r Remote) bool {
	w, ok := r.(watched)
	if !ok {
		return false
	}
	select {
	case <-w.Done():
		return true
	default:
		return false
	}
}

// hasFeature reports whether the server has said that it has the feature.
func hasFeature(r Remote, name string) bool {
	f, ok := r.(featured)
	return ok && f.Features().Has(name)
}

// JoinRemote joins a remote directory, "" for the working directory, and the
// name of an entry in it. Both are raw bytes.
func JoinRemote(dir, name string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

// splitRemote is the inverse of JoinRemote; dir keeps its last slash.
func splitRemote(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i+1], path[i+1:]
}
