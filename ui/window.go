package ui

import (
	"context"
	"fmt"
	"image/color"
	"sync"
	"sync/atomic"
	"time"

	"portside/client"
	"portside/client/access"
	"portside/client/diagnose"
	"portside/client/modes"
	"portside/client/portmap"
	"portside/client/secrets"
	"portside/client/sites"
	"portside/client/sites/exchange"
	"portside/client/transcript"
	"portside/client/trust"
	"portside/ui/state"
	"portside/ui/themed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Window is Portside's main window. All methods belong to the Fyne goroutine
// but Close.
type Window struct {
	cfg Config
	app fyne.App
	win fyne.Window
	ctx context.Context

	recorder   *transcript.Recorder
	recents    *recents
	link       *link[Session]
	mode       client.ConnMode
	theme      ThemeChoice
	prefs      windowPrefs
	edits      windowEdits
	handed     *sheet                        // asks about what another start of the program was given; nil: none
	queue      queueBox                      // of all servers
	sites      siteBook                      // how to log in to them
	later      time.Time                     // when what is added is to start; zero: at once
	adding     int                           // of which is on its way into the queue
	book       *sites.Book                   // the saved sites
	saved      atomic.Pointer[sites.Content] // as they were read last
	reading    sync.Mutex                    // held while saved is replaced
	limiting   sync.Mutex                    // held while the queue is told limits, the last ones last
	secrets    *secrets.Store
	trust      *trust.Store // certificates that somebody trusts
	access     *access.Access
	manager    *siteManager // takes the place of the panes; nil: not yet opened, as the others that do
	places     viewPlaces
	pair       folderPair // of synchronised browsing
	pairWanted bool       // as soon as both folders are there
	welcome    *startPage
	importable []exchange.Found // files of other programs in their usual places
	memory     *modes.Memory    // what worked in which network
	memoryAt   modes.Key        // of the session that is up
	ports      *diagnose.PortBook
	passing    *diagnose.PortBook // of servers that go with the program; on no disk
	picked     bool               // the mode was chosen for the next connection

	panelClosed bool    // by hand
	panelShare  float64 // of the height below the bar that the panel has

	announcer *portmap.Announcer // asks it
	demo      *DemoServer
	pulse     *pulse
	tasks     sync.WaitGroup // what the window itself started

	bar        *connectBar
	banners    *bannerArea
	sheets     *sheetBoard
	chip       *modeChip
	serverName *widget.Label
	local      *Pane
	remote     *Pane
	active     *Pane // had the focus last
	drag       *DragBoard
	state      *remoteState
	remoteBody *fyne.Container
	transcript *transcriptView
	bottom     *container.Split // panes above, transcript below
	panel      *transferPanel
	deck       *fyne.Container  // panes and transcript, and the panel below them
	floor      *container.Split // parts them; nil: the panel is but a line
	upload     *pushButton
	download   *pushButton
	menus      *menuBar
	panes      *container.Split
	view       *diagView // takes the place of the panes; nil: not yet wanted
	sync       *syncView // so does this; nil: not yet wanted
	syncButton *pushButton
	middle     *fyne.Container // panes or view
	root       *fyne.Container // bar and banners, panes, strip
	remoteHead *fyne.Container

	shown linkView[Session] // what showLink showed last
	stale staleness

	syncing  *syncTask // what the view of a synchronisation is about; nil: nothing yet
	syncOpen bool      // that view is wanted, unless a diagnosis is
	syncCtx  context.Context
	endSync  context.CancelFunc // ends what runs there

	diagnosis *diagRun         // runs; nil: none
	examined  target           // of the last diagnosis
	report    *diagnose.Report // of the last diagnosis
	resume    target           // whose connection was given up for a diagnosis, to be made again
	then      bool             // diagnose when the next dial is over
	redact    bool             // reports are saved without names and addresses
	known     state.Known      // what it found about the server at knownAddr
	knownAddr string

	popup    *widget.PopUp      // of the mode chip, opened last
	folder   *dialog.FileDialog // asks where to download to, or to save; nil: it does not
	starting bool               // the demo server is being started
	closed   atomic.Bool        // by Close: nothing may be shown any more
}

// minSize is the smallest window in which nothing is cut off, with its menu.
func minSize() fyne.Size { return fyne.NewSize(820, 520) }

// menuRoom is what the line of the menu takes of it at most, in any density. Fyne adds
// the line to what the content needs: a window of minSize would grow by it.
const menuRoom = 28

// New builds the window's content in win. ctx ends all that the window starts.
func New(ctx context.Context, app fyne.App, win fyne.Window, cfg Config) *Window {
	w := &Window{app: app, win: win, ctx: ctx}
	w.recorder = transcript.New(0, func(transcript.Line) { w.wake() })
	w.cfg = cfg.withDefaults(w.recorder)
	do := w.cfg.Do
	w.cfg.Do = func(f func()) {
		do(func() {
			if !w.closed.Load() { // Fyne runs what comes after the end at once, without a window
				f()
			}
		})
	}
	w.link = newLink(ctx, w.browse, func() { w.cfg.Do(w.showLink) })
	w.link.resolve = w.resolve
	w.link.hold = func(t target) func() { return w.sites.beside.hold(siteKey(t)) }
	w.build() //nolint:contextcheck // what it starts lives as long as the window, with Window.ctx
	return w
}

// build makes the parts, ties them together and shows the beginning.
func (w *Window) build() {
	w.sheets = newSheetBoard(w.win.Canvas())
	w.banners = newBannerArea()
	kept := w.loadSettings()
	w.announcer = portmap.NewAnnouncer(portmap.Options{})
	w.openMemory()
	w.openPortBook()
	w.openSites()
	w.paint()
	w.buildBar()
	w.buildPanes()
	w.transcript = newTranscriptView(w.recorder)
	w.buildPanel(kept)
	w.buildSync()
	w.buildPrefs()
	w.buildEdits()
	w.watchSites()
	w.menus = newMenuBar(w)
	w.win.SetPadded(false)
	w.win.SetContent(w.layout())
	w.win.SetMainMenu(w.menus.menu)
	w.addShortcuts()
	w.win.SetOnDropped(w.dropped)
	w.win.SetCloseIntercept(w.endOrAsk)
	w.pulse = newPulse(pulseEvery, w.cfg.Do, w.beat)
	w.openQueue() // which wakes the pulse
	w.applyPrefs()
	w.local.SetSource(NewLocalSource(), w.cfg.LocalDir)
	w.showLink()
	w.findImportable()
	w.Begin()
}

// Begin puts the keyboard where work begins, into the address. It is for the
// moment at which the window is on the screen, since Fyne forgets what had the
// focus before.
func (w *Window) Begin() { w.bar.Focus() }

// Quit ends the program. From here on nothing is shown any more: Fyne would do
// it on whatever goroutine asks, once its loop is over.
func (w *Window) Quit() {
	if w.closed.CompareAndSwap(false, true) && w.cfg.OnQuit != nil {
		w.cfg.OnQuit()
	}
	w.app.Quit()
}

// Close ends everything the window started and waits for it, until ctx ends at
// the longest. It may be called from any goroutine, once the window is gone.
func (w *Window) Close(ctx context.Context) error {
	w.closed.Store(true)
	done := make(chan error, 1)
	go func() { done <- w.end(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("closing the window: something still runs: %w", context.Cause(ctx))
	}
}

func (w *Window) end(ctx context.Context) error {
	w.pulse.Close()
	w.endSync()
	w.endPrefs()
	if w.manager != nil {
		w.manager.Close()
	}
	w.local.Close()
	w.remote.Close()
	w.panel.Close()
	err := w.queue.Close(ctx)
	if editErr := w.closeEdits(); err == nil { //nolint:contextcheck // what it waits for ends at once
		err = editErr
	}
	w.link.Close()
	if w.demo != nil && w.demo.Close != nil {
		if closeErr := w.demo.Close(); err == nil {
			err = closeErr
		}
	}
	w.tasks.Wait()
	if mapErr := w.unmap(ctx); err == nil {
		err = mapErr
	}
	for _, kept := range []interface{ Close() error }{w.memory, w.ports, w.passing} {
		if closeErr := kept.Close(); err == nil {
			err = closeErr
		}
	}
	return err
}

// wake asks for a look at transcript and transfers. It may be called from any
// goroutine, also before the pulse runs.
func (w *Window) wake() {
	if w.pulse != nil {
		w.pulse.Wake()
	}
}

// beat is the pulse: it shows what changed.
func (w *Window) beat() (again bool) {
	w.transcript.Pull()
	busy := w.panel.Pull()
	w.pullDiagnosis()
	w.pullPrefs()
	w.pullSync()
	w.showChip()
	w.refreshStale()
	return busy || w.stale.any()
}

func (w *Window) buildBar() {
	w.bar = newConnectBar()
	w.bar.OnConnect = w.connect
	w.bar.OnCancel = w.link.Disconnect
	w.bar.OnDisconnect = w.disconnect
	w.bar.OnProblem = func(err error) {
		w.banners.Show(notice{key: "address", tone: toneWarning, text: sentence(err.Error())})
	}
	var err error
	if w.recents, err = loadRecents(w.keptFile("recent.json")); err != nil {
		w.banners.Show(notice{key: "recent", tone: toneWarning, text: sentence(err.Error())})
	}
	w.bar.Suggest = w.recents.Match
	w.bar.SuggestSites, w.bar.FindSite = w.suggestSites, w.siteNamed
	w.bar.OnSite, w.bar.OnSites = w.connectSite, w.showSitesMenu
}

func (w *Window) buildPanes() {
	opt := PaneOptions{
		Context: w.ctx, Do: w.cfg.Do, Confirm: w.sheets.Confirm, AskName: w.sheets.AskName,
		OnDrop: w.droppedRows, OnDropURIs: w.droppedURIs,
		OnActive:    func(p *Pane) { w.active = p; w.showButtons() },
		OnSelection: func(*Pane) { w.showButtons() },
		OnError:     w.paneFailed, Remedies: w.blockedChoices, OnPath: w.paneWent,
	}
	left := opt
	left.Name, left.Where, left.Transfer, left.OnTransfer = "Local", "on this computer", "Upload", w.uploadRows
	w.local = NewPane(left)
	right := opt
	right.Name, right.Where, right.Transfer, right.OnTransfer = "Remote", "on the server", "Download", w.downloadRows
	right.OnTransferTo, right.DeleteTrees = w.downloadTo, w.deleteTrees
	right.OnCopyTo, right.Menu = w.copyElsewhere, w.remoteMenu
	w.remote = NewPane(right)
	w.active = w.local
	w.drag = NewDragBoard(w.local, w.remote)
	w.state = newRemoteState()
	w.buildStart()
	w.remoteBody = container.NewStack(w.remote, themed.New(w.state.Content, splitTheme{}), themed.New(w.welcome.Content, splitTheme{}))
	w.chip = newModeChip()
	w.chip.OnTapped = w.showChipMenu
	w.serverName = widget.NewLabel("")
	w.serverName.TextStyle.Bold = true
	w.serverName.Truncation = fyne.TextTruncateEllipsis
	w.upload = newQuietButton("Upload", w.local.TransferSelected)
	w.upload.Icon = theme.NavigateNextIcon()
	w.upload.IconPlacement = widget.ButtonIconTrailingText
	w.download = newQuietButton("Download", w.remote.TransferSelected)
	w.download.Icon = theme.NavigateBackIcon()
}

// layout puts the parts together: the bar and the banners on top, the panes
// over the transcript, the transfers at the foot.
func (w *Window) layout() fyne.CanvasObject {
	here := widget.NewLabel("This computer")
	here.TextStyle.Bold = true
	localSide := container.NewBorder(
		container.NewBorder(nil, nil, nil, container.NewHBox(w.syncButton, w.upload), indent(here)), nil, nil, nil,
		container.NewStack(newSurface(theme.ColorNameInputBackground), w.local))
	w.remoteHead = container.NewBorder(nil, nil, w.download,
		container.New(layout.NewCustomPaddedLayout(0, 0, 0, theme.Padding()*2), container.NewCenter(w.chip)), w.serverName)
	remoteSide := container.NewBorder(w.remoteHead, nil, nil, nil,
		container.NewStack(newSurface(theme.ColorNameInputBackground), w.remoteBody))
	w.panes = container.NewHSplit(localSide, remoteSide)
	w.places = newViewPlaces()
	w.middle = container.NewStack(themed.New(w.panes, splitTheme{}), w.places.sync, w.places.manager, w.places.prefs, w.places.diagnosis)

	title := widget.NewLabel("Transcript")
	title.TextStyle.Bold = true
	head := container.NewBorder(nil, nil, indent(title), container.NewHBox(
		newQuietButton("Copy", w.transcript.copy), newQuietButton("Clear", w.transcript.Clear),
		newIconButton(theme.CancelIcon(), w.toggleTranscript)))
	below := container.NewBorder(head, nil, nil, nil,
		container.NewStack(newSurface(theme.ColorNameInputBackground), w.transcript))
	w.bottom = container.NewVSplit(w.middle, themed.New(below, splitTheme{}))
	w.bottom.Offset = 0.76

	pad := theme.Padding() * 2
	top := container.NewVBox(
		container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), w.bar.Content),
		w.banners.Content, widget.NewSeparator())
	floor := canvas.NewRectangle(color.Transparent) // the window has its colour already
	floor.SetMinSize(minSize().SubtractWidthHeight(0, menuRoom))
	w.deck = container.NewStack()
	w.arrangePanel()
	w.root = container.NewBorder(top, nil, nil, nil, w.deck)
	w.banners.OnResize = w.bannersResized
	return container.NewStack(floor, w.root, w.bar.Layer, w.drag.Layer())
}

// bannersResized gives the rest what the banners leave. A wrapped text knows its
// height only once it has its width, so a second look follows the first.
func (w *Window) bannersResized() {
	for range 2 {
		w.root.Layout.Layout(w.root.Objects, w.root.Size())
	}
}

// indent moves a heading to where the texts below it begin.
func indent(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding(), 0), o)
}

// Settled reports whether nothing is going on that would change the picture: no
// dial, no listing, no transfer.
func (w *Window) Settled() bool {
	return w.shown.State != linkConnecting && !w.starting && w.diagnosis == nil && !w.sync.Busy() && !w.local.Busy() && !w.remote.Busy() && !w.transferring()
}
