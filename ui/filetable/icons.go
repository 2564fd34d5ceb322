package filetable

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portside/client/listing"
	"portside/ui/state"
)

// The drawings are on a grid of 16 pixels with edges on whole pixels, so that
// they are crisp at the size of a row. Holes run the other way round.
const (
	svgHead   = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16"><path d="`
	svgTail   = `"/></svg>`
	pagePath  = `M3 1H10L13 4V15H3ZM4 2V14H12V5H9V2Z`
	boxPath   = `M1 3.5C1 2.9 1.4 2.5 2 2.5H5.8L7.4 4H14C14.6 4 15 4.4 15 5V12.5C15 13.1 14.6 13.5 14 13.5H2C1.4 13.5 1 13.1 1 12.5Z`
	arrowHole = `M5 8.2V9.8H8V11.8L11.2 9L8 6.2V8.2Z`
	arrowPath = `M5.5 8.7H8V6.9L11 9.5L8 12.1V10.3H5.5Z`
)

func drawing(name, path string) *fyne.StaticResource {
	return fyne.NewStaticResource("portside-"+name+".svg", []byte(svgHead+path+svgTail))
}

func coloured(name, path string, c fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(drawing(name, path), c)
}

// icons are the pictures of a table, made once so that rows can compare them.
type icons struct {
	folder, folderLink, link, other, up, down fyne.Resource
	files                                     [state.FileKinds]fyne.Resource
}

func newIcons() *icons {
	page := func(name, path string) fyne.Resource {
		return coloured(name, pagePath+path, theme.ColorNamePlaceHolder)
	}
	i := &icons{
		folder:     coloured("folder", boxPath, theme.ColorNamePrimary),
		folderLink: coloured("folder-link", boxPath+arrowHole, theme.ColorNamePrimary),
		link:       page("link", arrowPath),
		other:      coloured("other", `M3 3H13V13H3ZM4 4V12H12V4ZM6 6H10V10H6Z`, theme.ColorNamePlaceHolder),
		up:         coloured("up", `M4 10L8 6L12 10Z`, theme.ColorNamePlaceHolder),
		down:       coloured("down", `M4 6L8 10L12 6Z`, theme.ColorNamePlaceHolder),
	}
	i.files[state.PlainFile] = page("file", "")
	i.files[state.TextFile] = page("text", `M5 7H11V8H5ZM5 9H11V10H5ZM5 11H9V12H5Z`)
	i.files[state.ImageFile] = page("image", `M5 12L7.2 8L8.8 10.4L9.8 9L11.5 12ZM9.5 6.5H11V8H9.5Z`)
	i.files[state.MediaFile] = page("media", `M6 6.5L11 9.5L6 12.5Z`)
	i.files[state.ArchiveFile] = page("archive", `M6 3H7V4H6ZM7 4H8V5H7ZM6 5H7V6H6ZM7 6H8V7H7ZM6 7H7V8H6ZM6 9H8V12H6Z`)
	i.files[state.ProgramFile] = page("program", `M5 7L7.5 9.5L5 12V10.6L6.1 9.5L5 8.4ZM8 11H11V12H8Z`)
	return i
}

// of returns the picture of r.
func (i *icons) of(r *state.Row) fyne.Resource {
	switch {
	case r.Type == listing.Dir:
		return i.folder
	case r.Type == listing.Link && r.IsDir():
		return i.folderLink
	case r.Type == listing.Link:
		return i.link
	case r.Type == listing.File:
		return i.files[state.KindOf(r)]
	default:
		return i.other
	}
}
