package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"portside/client"
	"portside/client/modes"
	"portside/ui/state"
)

// openMemory opens what is remembered of networks.
func (w *Window) openMemory() {
	var err error
	w.memory, err = modes.Open(w.keptFile("networks.json"))
	if err != nil {
		w.banners.Show(notice{key: "networks", tone: toneWarning, text: sentence(err.Error())})
	}
}

// memoryKey is under which the memory has the session that is up.
func memoryKey(ctx context.Context, info client.Info) modes.Key {
	return modes.Key{
		Server: info.Addr, TLS: info.TLS != nil,
		Network: modes.LocalNetwork(ctx, info.Local.Addr()).String(),
	}
}

// forgetNetworks removes what is remembered for keys; then is called when it is done.
func (w *Window) forgetNetworks(then func(), keys ...modes.Key) {
	w.changeMemory(func() error { return w.memory.Forget(keys...) }, then)
}

// changeMemory does something to the memory away from the window, since its file
// may be slow.
func (w *Window) changeMemory(change func() error, then func()) {
	w.run(func() {
		err := change()
		w.cfg.Do(func() {
			if err != nil {
				w.banners.Show(notice{key: "networks", tone: toneWarning, text: sentence(err.Error())})
			}
			then()
		})
	})
}

// showNetworks shows what is remembered of networks, to be forgotten one by one
// or all at once.
func (w *Window) showNetworks() {
	list := container.New(flowLayout{})
	scroll := container.NewVScroll(list)
	var fill func()
	fill = func() {
		list.RemoveAll()
		rows := state.NetworkRows(w.memory.Entries(), w.cfg.Now())
		if len(rows) == 0 {
			list.Add(newInk("Nothing is remembered yet. Portside notes by which kind of data connection a server could be used in which network, so that it need not try again.",
				theme.SizeNameText, theme.ColorNamePlaceHolder))
		}
		for i, r := range rows {
			if i > 0 {
				list.Add(widget.NewSeparator())
			}
			list.Add(networkRow(r, func() { w.forgetNetworks(fill, r.Key) }))
		}
		list.Refresh()
		scroll.Refresh()
	}
	fill()
	w.sheets.Show(&sheet{
		title: "What worked in which network", width: 640, cancel: "Close",
		body: container.New(&fixedHeight{300}, scroll),
		extra: []sheetChoice{{"Forget all", func() {
			w.changeMemory(w.memory.Clear, w.showNetworks)
		}}},
	})
	fill() // the texts have their width now
}

// networkRow is one entry: server, network, what works, what failed.
func networkRow(r state.NetworkRow, forget func()) fyne.CanvasObject {
	body := container.New(flowLayout{})
	head := newInk(r.Server+" · "+r.Network, theme.SizeNameText, theme.ColorNameForeground)
	style(head).TextStyle.Bold = true
	body.Add(head)
	if r.Works != "" {
		body.Add(newInk("Works: "+r.Works, theme.SizeNameText, theme.ColorNameForeground))
	}
	if r.Failed != "" {
		body.Add(newInk("Failed: "+r.Failed, theme.SizeNameText, theme.ColorNamePlaceHolder))
	}
	b := newPushButton("Forget", forget)
	return container.NewBorder(nil, nil, nil, container.NewCenter(b), body)
}
