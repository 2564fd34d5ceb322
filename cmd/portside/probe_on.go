//go:build uiprobe

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"fyne.io/fyne/v2"

	"portside/ui"
	"portside/ui/uitest"
)

// startProbe answers questions about the window on standard input, one JSON
// value a line on standard output:
//
//	dump       every text that is seen, with its place
//	focus      the type of the widget that has the keyboard
//	clipboard  the text in the clipboard
//	shot FILE  saves a picture
//	quit       ends the program, as the end of the input does
func startProbe(win fyne.Window, w *ui.Window) {
	go func() {
		in := bufio.NewScanner(os.Stdin)
		out := json.NewEncoder(os.Stdout)
		for in.Scan() {
			word, rest, _ := strings.Cut(in.Text(), " ")
			var answer any
			fyne.DoAndWait(func() { answer = probe(win, word, rest) })
			if word == "quit" {
				break
			}
			if err := out.Encode(answer); err != nil {
				break
			}
		}
		fyne.Do(w.Quit)
	}()
}

func probe(win fyne.Window, word, rest string) any {
	c := win.Canvas()
	switch word {
	case "dump":
		return uitest.Dump(c)
	case "focus":
		return fmt.Sprintf("%T", c.Focused())
	case "clipboard":
		return fyne.CurrentApp().Clipboard().Content()
	case "shot":
		if err := savePNG(rest, c.Capture()); err != nil {
			return err.Error()
		}
		return "saved"
	}
	return "not understood"
}
