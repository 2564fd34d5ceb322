package ui

import (
	"context"

	"portside/ui/state"
)

// A Source is a file tree that a Pane shows: the local one, or that of a server.
// Paths and names are raw bytes. What takes a ctx may block, so a Pane calls it
// off the Fyne goroutine; the rest is pure and quick.
type Source interface {
	SourceBrowser
	SourceChanger
	SourceNamer
}

// A SourceBrowser says what is there.
type SourceBrowser interface {
	List(ctx context.Context, path string) (Listing, error)
	Home(ctx context.Context) (string, error)
}

// A SourceChanger changes what is there. Delete deletes a folder with everything
// in it, and a link itself.
type SourceChanger interface {
	Mkdir(ctx context.Context, path string) error
	Rename(ctx context.Context, from, to string) error
	Delete(ctx context.Context, path string, row state.Row) error
}

// A SourceNamer puts paths, names and errors into words.
type SourceNamer interface {
	Style() state.PathStyle
	Text(raw string) string                    // printable
	Encode(text string) (string, error)        // what a person typed to raw bytes
	Explain(err error) (sentence, next string) // next may be empty
	Address(path string) string                // what "Copy URL" copies; "" where there is none
}

// A Listing is what a Source has in one folder.
type Listing struct {
	Rows []state.Row
	Note string // what could not be shown, in a few words; mostly empty
}
