package filetable

import "fyne.io/fyne/v2/driver/desktop"

// HeaderCursor returns the mouse cursor over the header.
func (t *Table) HeaderCursor() desktop.Cursor { return t.header.Cursor() }

// Hovered returns the place of the row under the mouse.
func (t *Table) Hovered() int { return t.mouse.hover }
