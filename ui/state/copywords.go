package state

import (
	"portside/client"
	"portside/transfers"
)

// CopyLine says what a copy of rows to a folder of another site does. site is its name,
// folder what was typed: nothing is the folder in which a login begins.
func CopyLine(rows []Row, site, folder string) string {
	goes := "go"
	if len(rows) == 1 {
		goes = "goes"
	}
	where := ", into the folder that it opens after login"
	if folder != "" {
		where = ": " + copyShort(folder)
	}
	return copyWhat(rows) + " " + goes + " through this computer to " + copyShort(site) + where + "."
}

// copyWhat is Describe, with a name that leaves room for the rest.
func copyWhat(rows []Row) string {
	if len(rows) != 1 {
		return Describe(rows)
	}
	row := rows[0]
	row.Text = copyShort(row.Text)
	return Describe([]Row{row})
}

// copyShort leaves room for what is said besides.
func copyShort(text string) string {
	const most = 48
	return CutMiddle(client.Printable(text), most, func(s string) float32 { return float32(len([]rune(s))) })
}

// ExistsLine says what becomes of files that are there already.
func ExistsLine(rule transfers.Exists) string {
	const there = "Files that are there already "
	switch rule {
	case transfers.Overwrite:
		return there + "are overwritten."
	case transfers.Newer:
		return there + "are overwritten where the new one is newer."
	case transfers.SizeDiffers:
		return there + "are overwritten where the sizes differ."
	case transfers.Resume:
		return there + "are completed."
	case transfers.RenameNew:
		return there + "stay, and the new ones get another name."
	case transfers.Skip:
		return there + "are skipped."
	case transfers.Fail:
		return there + "stay, and their copy fails."
	case transfers.Ask:
	}
	return "You are asked about files that are there already."
}

// A CopySource is one thing that is to be copied.
type CopySource struct {
	Text string // its name, as shown
	Path string // raw and absolute
	Dir  bool
}

// CopyProblem says why things cannot be copied to a folder of the server that has them,
// which is an absolute raw path; "" where they can.
func CopyProblem(sources []CopySource, dir string) string {
	dir = SlashPaths.Clean(dir)
	for _, s := range sources {
		from := SlashPaths.Clean(s.Path)
		switch {
		case SlashPaths.Parent(from) == dir:
			return "“" + copyShort(s.Text) + "” is in that folder already. Choose another folder, or another site."
		case s.Dir && (from == dir || below(dir, from)):
			return "“" + copyShort(s.Text) + "” cannot be copied into itself. Choose another folder, or another site."
		}
	}
	return ""
}

// below reports whether a path is inside a folder; both are clean.
func below(path, dir string) bool {
	if dir == "/" {
		return path != dir
	}
	return len(path) > len(dir) && path[:len(dir)] == dir && path[len(dir)] == '/'
}
