//go:build !windows && !darwin

package proxydial

import "context"

// Desktop returns what is set in the network settings of GNOME and its relatives. Scripts
// (PAC) are not run; without such a desktop nothing is set.
func Desktop(ctx context.Context) (Settings, error) {
	return parseGSettings(output(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy")), nil
}
