package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"portside/client"
	"portside/client/listing"
	"portside/transfers"
	"portside/ui/state"
)

// RemoteSession is what a pane needs of a session; *client.Session is one.
type RemoteSession interface {
	List(ctx context.Context, path string) (*listing.Listing, error)
	MakeDir(ctx context.Context, path string) error
	RemoveDir(ctx context.Context, path string) error
	Rename(ctx context.Context, from, to string) error
	Delete(ctx context.Context, path string) error
	Text(raw string) string
	Encode(text string) (string, error)
	Info() client.Info
}

// RemoteOptions say what a RemoteSource knows beside its session. The zero value
// has no URLs.
type RemoteOptions struct {
	URL  client.URL     // of the server, for Address
	Zone *time.Location // nil: the local zone
}

// RemoteSource is the files of a server.
type RemoteSource struct {
	s   RemoteSession
	opt RemoteOptions
}

var _ Source = (*RemoteSource)(nil)

// NewRemoteSource returns the files that s is logged in to.
func NewRemoteSource(s RemoteSession, opt RemoteOptions) *RemoteSource {
	if opt.Zone == nil {
		opt.Zone = time.Local
	}
	return &RemoteSource{s: s, opt: opt}
}

// List implements SourceBrowser. Names that are no single name, with which a
// server could make us act elsewhere, are left out and counted.
func (r *RemoteSource) List(ctx context.Context, path string) (Listing, error) {
	l, err := r.s.List(ctx, path)
	if err != nil {
		return Listing{}, err
	}
	place := state.Place{Zone: r.opt.Zone, Text: r.Text}
	rows := make([]state.Row, 0, len(l.Entries))
	bad := 0
	for i := range l.Entries {
		if client.CleanName(l.Entries[i].Name) != nil {
			bad++
			continue
		}
		rows = append(rows, state.FromListing(l.Entries[i], place))
	}
	return Listing{Rows: rows, Note: unreadNote(bad + len(l.Unread))}, nil
}

// Home implements SourceBrowser: it is where the login ended.
func (r *RemoteSource) Home(context.Context) (string, error) { return r.home(), nil }

func (r *RemoteSource) home() string {
	return state.SlashPaths.Resolve("/", r.s.Info().Home)
}

// Mkdir implements SourceChanger.
func (r *RemoteSource) Mkdir(ctx context.Context, path string) error { return r.s.MakeDir(ctx, path) }

// Rename implements SourceChanger.
func (r *RemoteSource) Rename(ctx context.Context, from, to string) error {
	return r.s.Rename(ctx, from, to)
}

// Delete implements SourceChanger. A folder has to be empty: the pane has those
// with something in them deleted elsewhere.
func (r *RemoteSource) Delete(ctx context.Context, path string, row state.Row) error {
	if row.Type == listing.Dir {
		return r.s.RemoveDir(ctx, path)
	}
	return r.s.Delete(ctx, path)
}

// Style implements SourceNamer.
func (r *RemoteSource) Style() state.PathStyle { return state.SlashPaths }

// Text implements SourceNamer.
func (r *RemoteSource) Text(raw string) string { return client.Printable(r.s.Text(raw)) }

// Encode implements SourceNamer.
func (r *RemoteSource) Encode(text string) (string, error) {
	raw, err := r.s.Encode(text)
	if err != nil {
		return "", fmt.Errorf("name for the server: %w", err)
	}
	return raw, nil
}

// Explain implements SourceNamer.
func (r *RemoteSource) Explain(err error) (sentence, next string) {
	a := transfers.Explain(err)
	return a.Sentence, a.Next
}

// Address implements SourceNamer. The path of an FTP URL begins where the login
// ends (RFC 1738, 3.2.2); what is elsewhere has a second slash.
func (r *RemoteSource) Address(path string) string {
	if r.opt.URL.Host == "" {
		return ""
	}
	u := r.opt.URL
	home := strings.TrimSuffix(r.home(), "/")
	u.Path = path
	if path == home || strings.HasPrefix(path, home+"/") {
		u.Path = strings.TrimPrefix(path[len(home):], "/")
	}
	return u.String()
}
