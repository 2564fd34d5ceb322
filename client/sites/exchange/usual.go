package exchange

import (
	"os"
	"path/filepath"
	"runtime"
)

// An Env says where a user's files are. A zero field stands for what is true of this
// process, so that Env{} is this user on this computer.
type Env struct {
	Home      string              // the home folder
	ConfigDir string              // of settings: ~/.config, ~/Library/Application Support, %APPDATA%
	AppData   string              // %APPDATA% on Windows
	Getenv    func(string) string // os.Getenv
	GOOS      string              // runtime.GOOS
}

func (e Env) withDefaults() Env {
	if e.Getenv == nil {
		e.Getenv = os.Getenv
	}
	if e.GOOS == "" {
		e.GOOS = runtime.GOOS
	}
	if e.Home == "" {
		e.Home, _ = os.UserHomeDir()
	}
	if e.AppData == "" && e.GOOS == "windows" {
		e.AppData = e.Getenv("APPDATA")
	}
	if e.ConfigDir == "" {
		switch {
		case e.GOOS == "windows":
			e.ConfigDir = e.AppData
		case e.GOOS == "darwin":
			e.ConfigDir = filepath.Join(e.Home, "Library", "Application Support")
		case e.Getenv("XDG_CONFIG_HOME") != "":
			e.ConfigDir = e.Getenv("XDG_CONFIG_HOME")
		default:
			e.ConfigDir = filepath.Join(e.Home, ".config")
		}
	}
	return e
}

// A Found is a file that can be imported.
type Found struct {
	Format Format
	Path   string // of a file, or of the folder of Cyberduck's bookmarks
}

// Usual looks for the files of other programs in their usual places. It reads none
// of them.
func Usual(env Env) []Found {
	env = env.withDefaults()
	var out []Found
	seen := map[string]bool{}
	for _, c := range candidates(env) {
		info, err := os.Stat(c.path)
		if err != nil || seen[c.path] || c.folder != info.IsDir() || !c.folder && (!info.Mode().IsRegular() || info.Size() == 0) {
			continue
		}
		if c.folder {
			if ducks, err := filepath.Glob(filepath.Join(c.path, "*.duck")); err != nil || len(ducks) == 0 {
				continue
			}
		}
		seen[c.path] = true
		if k, ok := codecByID(c.format); ok {
			out = append(out, Found{k.Format, c.path})
		}
	}
	return out
}

type candidate struct {
	format, path string
	folder       bool
}

// candidates are the places where Usual looks.
func candidates(e Env) []candidate {
	var out []candidate
	file := func(format string, parts ...string) {
		if parts[0] != "" { // a folder that is not known
			out = append(out, candidate{format, filepath.Join(parts...), false})
		}
	}
	folder := func(parts ...string) {
		if parts[0] != "" {
			out = append(out, candidate{"cyberduck", filepath.Join(parts...), true})
		}
	}
	zilla := [][]string{{e.Home, ".config", "filezilla"}, {e.Home, ".filezilla"}}
	if e.GOOS != "darwin" && e.GOOS != "windows" {
		zilla = append([][]string{{e.ConfigDir, "filezilla"}}, zilla...)
		// As a Flatpak.
		zilla = append(zilla, []string{e.Home, ".var", "app", "org.filezillaproject.Filezilla", "config", "filezilla"})
	}
	if e.GOOS == "windows" {
		zilla = [][]string{{e.AppData, "FileZilla"}}
	}
	for _, z := range zilla {
		for _, name := range []string{"sitemanager.xml", "recentservers.xml"} {
			if z[0] != "" {
				file("filezilla", append(z, name)...)
			}
		}
	}
	switch e.GOOS {
	case "windows":
		file("winscp", e.AppData, "WinSCP.ini")
		file("winscp", e.Getenv("ProgramFiles(x86)"), "WinSCP", "WinSCP.ini")
		file("winscp", e.Getenv("LOCALAPPDATA"), "Programs", "WinSCP", "WinSCP.ini")
		folder(e.AppData, "Cyberduck", "Bookmarks")
		file("rclone", e.AppData, "rclone", "rclone.conf")
		file("netrc", e.Home, "_netrc")
	case "darwin":
		folder(e.Home, "Library", "Group Containers", "G69SCX94XU.duck", "Library", "Application Support", "duck", "Bookmarks")
		folder(e.ConfigDir, "Cyberduck", "Bookmarks")
	}
	file("lftp", e.Getenv("LFTP_HOME"), "bookmarks")
	if data := e.Getenv("XDG_DATA_HOME"); data != "" {
		file("lftp", data, "lftp", "bookmarks")
	}
	file("lftp", e.Home, ".local", "share", "lftp", "bookmarks")
	file("lftp", e.Home, ".lftp", "bookmarks")
	file("ncftp", e.Home, ".ncftp", "bookmarks")
	file("netrc", e.Getenv("NETRC"))
	file("netrc", e.Home, ".netrc")
	file("rclone", e.Getenv("RCLONE_CONFIG"))
	if x := e.Getenv("XDG_CONFIG_HOME"); x != "" {
		file("rclone", x, "rclone", "rclone.conf")
	}
	file("rclone", e.Home, ".config", "rclone", "rclone.conf")
	file("rclone", e.Home, ".rclone.conf")
	return out
}
