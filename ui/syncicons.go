package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"portside/transfers"
	"portside/ui/state"
)

// syncIcons are the pictures in the rows of a preview, made once so that rows
// can compare them.
type syncIcons struct {
	boxes                                               map[state.SyncTick]fyne.Resource
	add, change, remove, skip, same                     fyne.Resource
	conflict, note, done, failed, undone, running, left fyne.Resource
}

// syncDrawing is a drawing on a grid of 16 pixels with edges on whole pixels.
func syncDrawing(name, path string, ink fyne.ThemeColorName) fyne.Resource {
	const head, tail = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16"><path d="`, `"/></svg>`
	return theme.NewColoredResource(fyne.NewStaticResource("portside-sync-"+name+".svg", []byte(head+path+tail)), ink)
}

func newSyncIcons() *syncIcons {
	box := func(name fyne.ThemeIconName, ink fyne.ThemeColorName) fyne.Resource {
		return theme.NewColoredResource(theme.Icon(name), ink)
	}
	const plus, dash = `M7 3H9V7H13V9H9V13H7V9H3V7H7Z`, `M3 7H13V9H3Z`
	return &syncIcons{
		boxes: map[state.SyncTick]fyne.Resource{
			state.SyncOff:  box(theme.IconNameCheckButton, theme.ColorNamePlaceHolder),
			state.SyncOn:   box(theme.IconNameCheckButtonChecked, theme.ColorNamePrimary),
			state.SyncSome: box(theme.IconNameCheckButtonPartial, theme.ColorNamePrimary),
		},
		add:    syncDrawing("add", plus, theme.ColorNamePrimary),
		change: syncDrawing("change", `M8 2L13 7L11.6 8.4L9 5.8V14H7V5.8L4.4 8.4L3 7Z`, theme.ColorNamePrimary),
		remove: syncDrawing("remove", `M4.4 3L8 6.6L11.6 3L13 4.4L9.4 8L13 11.6L11.6 13L8 9.4L4.4 13L3 11.6L6.6 8L3 4.4Z`, theme.ColorNameWarning),
		skip:   syncDrawing("skip", dash, theme.ColorNamePlaceHolder), left: syncDrawing("left", dash, theme.ColorNameDisabled),
		same:     syncDrawing("same", `M3 5H13V7H3ZM3 9H13V11H3Z`, theme.ColorNamePlaceHolder),
		conflict: syncDrawing("conflict", `M8 2L15 14H1ZM7 6V10H9V6ZM7 11V13H9V11Z`, theme.ColorNameWarning),
		note:     syncDrawing("note", `M7 3H9V5H7ZM7 6H9V13H7Z`, theme.ColorNamePlaceHolder),
		done:     syncDrawing("done", `M6.5 12.5L2 8L3.4 6.6L6.5 9.7L12.6 3.6L14 5Z`, theme.ColorNameSuccess),
		failed:   syncDrawing("failed", `M7 2H9V9H7ZM7 11H9V13H7Z`, theme.ColorNameError),
		undone:   syncDrawing("undone", dash, theme.ColorNameWarning),
		running:  syncDrawing("running", `M4 2L14 8L4 14Z`, theme.ColorNamePrimary),
	}
}

// of returns the picture of r.
func (i *syncIcons) of(r *state.SyncRow) fyne.Resource {
	switch r.Status {
	case state.SyncRunning:
		return i.running
	case state.SyncDone:
		return i.done
	case state.SyncFailed:
		return i.failed
	case state.SyncUndone:
		return i.undone
	case state.SyncWaiting:
	}
	switch {
	case r.Note:
		return i.note
	case r.Tick == state.SyncOff:
		return i.left
	}
	switch r.Action {
	case transfers.MirrorMakeDir, transfers.MirrorNew:
		return i.add
	case transfers.MirrorChanged:
		return i.change
	case transfers.MirrorDelete:
		return i.remove
	case transfers.MirrorConflict:
		return i.conflict
	case transfers.MirrorKeep:
		if r.Group == state.SyncSame {
			return i.same
		}
	case transfers.MirrorSkip:
	}
	return i.skip
}
