package exchange

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestUsual(t *testing.T) {
	for goos, files := range map[string]map[string]string{
		"linux": {
			".config/filezilla/sitemanager.xml": "filezilla", ".config/filezilla/recentservers.xml": "filezilla", ".filezilla/sitemanager.xml": "filezilla",
			".local/share/lftp/bookmarks": "lftp", ".lftp/bookmarks": "lftp", ".netrc": "netrc", ".ncftp/bookmarks": "ncftp", ".config/rclone/rclone.conf": "rclone",
		},
		"windows": {
			"AppData/FileZilla/sitemanager.xml": "filezilla", "AppData/WinSCP.ini": "winscp", "AppData/rclone/rclone.conf": "rclone",
			"_netrc": "netrc", "AppData/Cyberduck/Bookmarks/a.duck": "cyberduck",
		},
		"darwin": {
			".config/filezilla/sitemanager.xml": "filezilla", "Library/Application Support/Cyberduck/Bookmarks/a.duck": "cyberduck",
			"Library/Group Containers/G69SCX94XU.duck/Library/Application Support/duck/Bookmarks/b.duck": "cyberduck", ".netrc": "netrc",
		},
	} {
		home := t.TempDir()
		env := Env{Home: home, GOOS: goos, Getenv: func(string) string { return "" }}
		if goos == "windows" {
			env.AppData = filepath.Join(home, "AppData")
		}
		if found := Usual(env); len(found) != 0 {
			t.Errorf("%s: found %v where nothing is", goos, found)
		}
		var want []string
		for name, format := range files {
			path := filepath.Join(home, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			if format == "cyberduck" {
				path = filepath.Dir(path)
			}
			want = append(want, format+" "+path)
		}
		var got []string
		for _, f := range Usual(env) {
			got = append(got, f.Format.ID+" "+f.Path)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %q\nwant %q", goos, got, want)
		}
	}
}

func TestUsualOfTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	vars := map[string]string{"NETRC": filepath.Join(dir, "my.netrc"), "RCLONE_CONFIG": filepath.Join(dir, "r.conf"), "XDG_CONFIG_HOME": filepath.Join(dir, "xdg")}
	zilla := filepath.Join(dir, "xdg", "filezilla", "sitemanager.xml")
	if err := os.MkdirAll(filepath.Dir(zilla), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{vars["NETRC"], vars["RCLONE_CONFIG"], zilla} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := Usual(Env{Home: filepath.Join(dir, "home"), GOOS: "linux", Getenv: func(k string) string { return vars[k] }})
	if len(found) != 3 || found[0].Path != zilla {
		t.Errorf("found %v", found)
	}
}
