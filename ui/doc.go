// Package ui is Portside's window and the only importer of Fyne: the connect
// bar, the local and the remote pane, the transcript, the panel of transfers,
// the mode chip, banners and sheets, and the wiring between them and the engine.
//
// Everything that can block runs off the Fyne goroutine and comes back through
// Config.Do; what changes often (transcript, transfers) is pulled as a snapshot
// by one pulse, at most ten times a second and only while something happens.
// What is shown and when (sorting, formatting, selection) is decided by the
// view models of ui/state. The package speaks no FTP itself.
package ui
