// Package state holds the view models of the window in pure Go: what a pane
// lists, in which order, what is selected, and how sizes, times, permissions,
// names and paths are written for people.
//
// Nothing here knows a toolkit, so all of it is tested without a display.
// Names and paths of a remote server are raw bytes in a string, as the engine
// has them; a Row carries beside them the text that is shown. None of the types
// is safe for concurrent use, except a Directory, which does not change: it is
// made off the UI goroutine, because ordering 100,000 names takes a while.
package state
