package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"fyne.io/fyne/v2"
	"github.com/spf13/pflag"

	"portside/client/demo/faulty"
	"portside/transfers/queue"
	"portside/ui"
)

// appID is the name of the program towards the desktop.
const appID = "org.portside.Portside"

// metadata is what FyneApp.toml gives to packaged builds; this gives it to all.
func metadata(icon fyne.Resource) fyne.AppMetadata {
	return fyne.AppMetadata{
		ID: appID, Name: "Portside", Version: version(), Icon: icon,
		Migrations: map[string]bool{"fyneDo": true},
	}
}

// options are what the command line said.
type options struct {
	address    string // to connect to at once
	site       string // saved site to connect to at once
	imports    string // file with sites whose preview is shown
	demo       bool
	fault      string // of the demo server; empty: none
	diagnose   bool   // at once, when there is a connection
	theme      ui.ThemeChoice
	size       fyne.Size
	screenshot string // file; empty: none
	benchTable int    // rows of the folders to measure with; 0: none
	benchPanel int    // transfers of the panel to measure with; 0: none
	version    bool
	newWindow  bool // hand nothing to one that is open
	alone      bool // a flag says how this window is to be, so it is not another one
}

const usage = `Portside is a desktop FTP client.

Usage:
  portside [flags] [ftp://user@host:port/path]
  portside [flags] --site NAME
  portside [flags] FILE.portside

Flags:
`

// parseFlags reads the command line. It prints the help itself and returns
// pflag.ErrHelp then.
func parseFlags(args []string, errs io.Writer) (options, error) {
	opt := options{size: fyne.NewSize(1280, 800)}
	set := pflag.NewFlagSet("portside", pflag.ContinueOnError)
	set.SetOutput(errs)
	set.SortFlags = false
	set.Usage = func() { fmt.Fprint(errs, usage+set.FlagUsages()) }
	set.StringVar(&opt.site, "site", "", "connect to the saved site of this `name`, or Folder/Name")
	set.BoolVar(&opt.demo, "demo", false, "start the embedded demo server and connect to it")
	colours := set.String("theme", "", "colours: light, dark or system (default: as chosen last)")
	size := set.String("size", "1280x800", "size of the window")
	set.StringVar(&opt.screenshot, "screenshot", "", "save a picture of the window as a PNG `FILE` once it has settled, and quit")
	set.IntVar(&opt.benchTable, "bench-table", 0, "measure how folders of `N` entries show and scroll, print it, and quit")
	set.IntVar(&opt.benchPanel, "bench-transfers", 0, "measure how a list of `N` transfers shows and scrolls, print it, and quit")
	set.StringVar(&opt.fault, "fault", "", "with --demo: serve with the fault of this `name`; portside-cli demo --fault list lists them")
	set.BoolVar(&opt.diagnose, "diagnose", false, "diagnose the connection as soon as it was tried")
	set.BoolVar(&opt.newWindow, "new-window", false, "open the address, site or file in a window of its own, not in one that is open")
	set.BoolVar(&opt.version, "version", false, "print the version and quit")
	if err := set.Parse(args); err != nil {
		return opt, err
	}
	set.Visit(func(f *pflag.Flag) { opt.alone = opt.alone || f.Name != "site" })
	var err error
	if *colours != "" {
		if opt.theme, err = ui.ParseThemeChoice(*colours); err != nil {
			return opt, err
		}
	}
	if opt.size, err = parseSize(*size); err != nil {
		return opt, err
	}
	switch set.NArg() {
	case 0:
	case 1:
		opt.open(set.Arg(0))
	default:
		return opt, errors.New("more than one address; want one")
	}
	if opt.site != "" && set.NArg() > 0 {
		return opt, errors.New("--site names what to connect to; leave the address out")
	}
	if opt.benchTable < 0 {
		return opt, errors.New("--bench-table wants a number of entries, such as 100000")
	}
	if opt.benchPanel < 0 {
		return opt, errors.New("--bench-transfers wants a number of transfers, such as 10000")
	}
	if opt.fault != "" && !opt.demo {
		return opt, errors.New("--fault belongs to --demo")
	}
	if _, ok := faulty.Find(opt.fault); !ok && opt.fault != "" {
		return opt, fmt.Errorf("there is no fault %q; portside-cli demo --fault list lists them", opt.fault)
	}
	if opt.diagnose && !opt.demo && opt.address == "" && opt.site == "" {
		return opt, errors.New("--diagnose wants --demo, --site or an address")
	}
	if opt.demo && opt.address+opt.site+opt.imports != "" {
		return opt, errors.New("--demo connects to its own server; leave the address out")
	}
	return opt, nil
}

// open takes what another program, or the desktop, has given to be opened. A text with
// a scheme is an address and nothing else, so that no link can name a file of this
// computer or a saved site; only a file:// link, as desktops write paths, is a file.
func (o *options) open(arg string) {
	scheme, rest, isURL := strings.Cut(arg, "://")
	path := arg
	if isURL {
		path = ""
		if strings.EqualFold(scheme, "file") {
			if u, err := url.Parse("file://" + rest); err == nil && (u.Host == "" || u.Host == "localhost") {
				path = filepath.FromSlash(u.Path)
			}
		}
	}
	if strings.EqualFold(filepath.Ext(path), ".portside") {
		if full, err := filepath.Abs(path); err == nil {
			o.imports = full
			return
		}
	}
	o.address = arg
}

// parseSize reads "1280x800".
func parseSize(s string) (fyne.Size, error) {
	var w, h int
	width, height, ok := strings.Cut(s, "x")
	if ok {
		_, errW := fmt.Sscan(width, &w)
		_, errH := fmt.Sscan(height, &h)
		ok = errW == nil && errH == nil
	}
	if !ok || w < 320 || h < 240 || w > 16384 || h > 16384 {
		return fyne.Size{}, fmt.Errorf("size %q: want width and height such as 1280x800", s)
	}
	return fyne.NewSize(float32(w), float32(h)), nil
}

// configDir is where what the user wants kept is kept; empty where the system
// does not say.
func configDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "portside")
}

// queueFile is where transfers are kept that go on the next time; empty where
// the window is opened for a picture only, which is no time to go on.
func queueFile(opt options) string {
	path, err := queue.DefaultPath()
	if err != nil || opt.screenshot != "" {
		return ""
	}
	return path
}

// editDir is where edited files of servers are kept until they are uploaded: a folder
// that nobody tidies up. Empty where the system does not say, and for a picture.
func editDir(opt options) string {
	if opt.screenshot != "" {
		return ""
	}
	if runtime.GOOS == "linux" {
		data := os.Getenv("XDG_DATA_HOME")
		if home, err := os.UserHomeDir(); !filepath.IsAbs(data) && err == nil {
			data = filepath.Join(home, ".local", "share")
		}
		if filepath.IsAbs(data) {
			return filepath.Join(data, "portside", "edited")
		}
	}
	if dir := configDir(); dir != "" {
		return filepath.Join(dir, "edited")
	}
	return ""
}

// version is that of the build.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}
