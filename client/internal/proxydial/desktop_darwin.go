package proxydial

import "context"

// Desktop returns what is set in the network settings of macOS. Scripts (PAC) are not run.
func Desktop(ctx context.Context) (Settings, error) {
	return parseScutil(output(ctx, "/usr/sbin/scutil", "--proxy")), nil
}
