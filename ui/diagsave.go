package ui

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"portside/client/diagnose"
)

// A reportForm is a form in which a report is saved; the name of the file
// chooses it.
type reportForm struct {
	label string
	ends  []string // extensions, the usual one first
	write func(io.Writer, *diagnose.Report) error
}

func reportForms() []reportForm {
	return []reportForm{
		{"Web page, to read and to print", []string{".html", ".htm"}, diagnose.WriteHTML},
		{"Markdown, to paste into a ticket", []string{".md", ".markdown"}, diagnose.WriteMarkdown},
		{"JSON, to compare with another network", []string{".json"}, diagnose.WriteJSON},
	}
}

// formOf returns the form for a file's name.
func formOf(name string) (reportForm, error) {
	end := strings.ToLower(filepath.Ext(name))
	for _, f := range reportForms() {
		for _, e := range f.ends {
			if e == end {
				return f, nil
			}
		}
	}
	return reportForm{}, errors.New("the name of a report ends in .html, .md or .json")
}

// reportName is what a report is called at first.
func reportName(r *diagnose.Report, end string) string {
	host := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' {
			return c
		}
		return '_'
	}, r.Server.Host)
	return fmt.Sprintf("diagnosis-%s-%s%s", host, r.Started.Local().Format("20060102-1504"), end)
}

// showSaveMenu asks for the form of the report and whether it may have addresses.
func (w *Window) showSaveMenu(at fyne.Position) {
	if w.report == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, form := range reportForms() {
		items = append(items, fyne.NewMenuItem(form.label+" ("+form.ends[0]+")", func() { w.askWhereToSave(w.reportToSave(), form.ends[0]) }))
	}
	without := fyne.NewMenuItem("Without names and addresses", func() {
		w.redact = !w.redact
		w.showSaveMenu(at)
	})
	without.Checked = w.redact
	items = append(items, fyne.NewMenuItemSeparator(), without)
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), w.win.Canvas())
	at.X = max(0, min(at.X, w.win.Canvas().Size().Width-menu.MinSize().Width-4))
	menu.ShowAtPosition(at)
}

// reportToSave is the report, without names and addresses where the user wants that.
func (w *Window) reportToSave() *diagnose.Report {
	if !w.redact {
		return w.report
	}
	return diagnose.Redact(w.report, w.examined.URL.User, w.examined.Password)
}

// askWhereToSave asks for a file and writes the report to it.
func (w *Window) askWhereToSave(r *diagnose.Report, end string) {
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		w.folder = nil
		switch {
		case err != nil:
			w.refuseReport(err)
		case file != nil:
			w.saveReport(file, r)
		}
	}, w.win)
	d.SetTitleText("Save the report")
	d.SetFileName(reportName(r, end))
	if here, err := storage.ListerForURI(storage.NewFileURI(w.local.Path())); err == nil {
		d.SetLocation(here)
	}
	w.showFileDialog(d)
}

func (w *Window) saveReport(file fyne.URIWriteCloser, r *diagnose.Report) {
	form, err := formOf(file.URI().Name())
	if err == nil {
		err = form.write(file, r)
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		w.refuseReport(err)
		return
	}
	w.banners.Show(notice{key: "report", tone: toneInfo, text: "The report was saved as “" + file.URI().Name() + "”."})
	w.local.Relist()
}

func (w *Window) refuseReport(err error) {
	w.banners.Show(notice{key: "report", tone: toneError, text: joinSentences("The report was not saved", err.Error())})
}
