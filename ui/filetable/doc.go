// Package filetable is the file list of a pane: a dense, virtualised table with
// rows of 20 pixels that shows a state.Model.
//
// It has what Fyne's own collections lack: many selected rows, modifiers on
// clicks and keys, columns that sort and resize and fit the pane, names cut in
// their middle, renaming in place, type to find, and hooks for dragging. Only
// the rows in view have canvas objects, whatever the number of rows.
//
// A Table says what the user wants through its callbacks and changes nothing but
// selection, sorting and columns by itself. All of it is for the Fyne goroutine.
package filetable
