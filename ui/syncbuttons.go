package ui

import (
	"strings"

	"fyne.io/fyne/v2/widget"
)

// Enter does what the strong button does.
func (v *syncView) Enter() {
	switch {
	case v.stage == syncIdle:
		v.hands.compare()
	case v.apply.Visible() && !v.apply.Disabled():
		v.carryOut()
	}
}

// carryOut does what the preview shows, once it can have been read.
func (v *syncView) carryOut() {
	if !v.unread.Yet() {
		v.hands.apply()
	}
}

// showCompare makes the button say what it does. It keeps its place while something
// runs, so that a second click there meets nothing else.
func (v *syncView) showCompare() {
	switch v.stage {
	case syncIdle:
		v.compare.Importance = widget.HighImportance
		v.compare.SetText("Compare")
	case syncPreview, syncFinished, syncTrouble:
		v.compare.Importance = widget.MediumImportance
		v.compare.SetText("Compare again")
	case syncComparing, syncApplying:
	}
	switch busy := v.Busy(); {
	case busy && !v.compare.Disabled():
		v.compare.Disable()
	case !busy && v.compare.Disabled():
		v.compare.Enable()
	}
}

// ticked makes the button say what is chosen.
func (v *syncView) ticked() {
	if v.stage != syncPreview || v.model == nil {
		return
	}
	label, deletes := v.model.Button()
	nothing := v.model.Nothing()
	v.apply.Importance = widget.HighImportance
	if deletes {
		v.apply.Importance = widget.WarningImportance
	}
	v.apply.Hidden = nothing != ""
	if label == "" {
		v.apply.SetText("Synchronise: nothing chosen")
		v.apply.Disable()
	} else {
		v.apply.SetText(label)
		v.apply.Enable()
	}
	v.setSummary(strings.TrimPrefix(nothing+" "+v.model.Summary(), " "))
	v.relayout()
}
