package edit

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Runs reports whether the system's way of opening a file may run it instead of
// showing it, so that a file of a server must not be opened by it: programs, scripts
// and links that a desktop carries out. system is as runtime.GOOS has it; the file is
// looked into where its name says nothing.
func Runs(system, path string) bool {
	name := filepath.Base(path)
	if runsByName(system, name) {
		return true
	}
	return system != "windows" && system != "darwin" && filepath.Ext(name) == "" && runsByContent(path)
}

// runsByContent reports whether a file begins as programs, scripts and links of a
// desktop do, which desktops recognise without an extension.
func runsByContent(path string) bool {
	if !markOf(path).there { // looked at before it is opened, which would wait for a pipe's other end
		return false
	}
	in, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = in.Close() }() // only read
	var head [8]byte
	n, _ := io.ReadFull(in, head[:]) // a short file has a short head
	for _, begin := range []string{"MZ", "\x7fELF", "[Desktop", "#!"} {
		if strings.HasPrefix(string(head[:n]), begin) {
			return true
		}
	}
	return false
}

func runsByName(system, name string) bool {
	var list string
	switch system {
	case "windows":
		list = " exe com bat cmd ps1 psm1 vbs vbe js jse ws wsf wsh msi msp msc scr pif cpl lnk url reg hta jar inf scf" +
			" pyc pyz pyzw xll jnlp wsb msix appx appinstaller library-ms diagcab application appref-ms chm gadget sct shb shs settingcontent-ms py pyw pl rb sh "
	case "darwin":
		list = " app command tool terminal workflow action scpt scptd applescript pkg mpkg dmg jar fileloc inetloc webloc" +
			" terminal prefpane osax py sh "
	default:
		list = " desktop kdelnk appimage jar jnlp run exe msi bat lnk com scr cpl "
	}
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(strings.TrimRight(name, ". ")), "."))
	return ext != "" && strings.Contains(list, " "+ext+" ")
}
