package proxydial

import (
	"context"
	"strings"

	"github.com/mattn/go-ieproxy"
)

// Desktop returns what is set for the whole of Windows. Scripts (PAC) are not run.
func Desktop(context.Context) (Settings, error) {
	static := ieproxy.ReloadConf().Static
	if !static.Active {
		return Settings{}, nil
	}
	return Settings{
		SOCKS:   static.Protocols["socks"],
		HTTPS:   orElse(static.Protocols["https"], orElse(static.Protocols["http"], static.Protocols[""])),
		NoProxy: strings.ReplaceAll(static.NoProxy, ";", ","),
	}, nil
}
