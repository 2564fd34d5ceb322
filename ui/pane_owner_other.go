//go:build !unix

package ui

import "io/fs"

// paneOwners knows no owners on this system.
type paneOwners struct{}

func newPaneOwners() *paneOwners { return &paneOwners{} }

func (o *paneOwners) of(fs.FileInfo) string { return "" }
