package edit

import (
	"path/filepath"
	"strings"
)

// Runs reports whether the system's way of opening a file may run it instead of
// showing it, so that a file of a server must not be opened by it: programs, scripts
// and links that a desktop carries out. system is as runtime.GOOS has it.
func Runs(system, name string) bool {
	var list string
	switch system {
	case "windows":
		list = " exe com bat cmd ps1 psm1 vbs vbe js jse ws wsf wsh msi msp msc scr pif cpl lnk url reg hta jar inf scf" +
			" application appref-ms chm gadget sct shb shs settingcontent-ms py pyw pl rb sh "
	case "darwin":
		list = " app command tool terminal workflow action scpt scptd applescript pkg mpkg dmg jar fileloc inetloc webloc" +
			" terminal prefpane osax py sh "
	default:
		list = " desktop appimage jar exe run "
	}
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(strings.TrimRight(name, ". ")), "."))
	return ext != "" && strings.Contains(list, " "+ext+" ")
}
