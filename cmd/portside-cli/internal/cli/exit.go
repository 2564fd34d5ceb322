package cli

import (
	"errors"

	"portside/client"
	"portside/transfers"
)

// The exit codes. exitHelp holds their meaning; docs/cli.md repeats it.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitConnect     = 3
	exitLogin       = 4
	exitTLS         = 5
	exitNotFound    = 6
	exitDenied      = 7
	exitData        = 8
	exitLost        = 9
	exitLocal       = 10
	exitSpace       = 11
	exitInterrupted = 130
)

// exitHelp is the table of exit codes, for the help and the man page.
const exitHelp = `Exit codes:

       0  done
       1  some of several files failed, or another error
       2  the command line was not understood
       3  cannot connect: unknown host, refused port, no answer
       4  the server refused the login
       5  TLS failed, or the server's certificate is not trusted
       6  no such file or folder on the server
       7  the server denied permission
       8  no data connection: a firewall blocks it, or the server refused it
       9  the connection was lost, or the server stopped answering
      10  trouble with a local file or folder, or with the keyring
      11  the server, or the account on it, has no space left
     130  interrupted (Ctrl+C)`

// exitCode finds the code for an error whose kind is known.
func exitCode(err error, kind client.Kind) int {
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if isLocal(err) {
		return exitLocal
	}
	switch kind {
	case client.KindLogin:
		return exitLogin
	case client.KindCert, client.KindTLS:
		return exitTLS
	case client.KindCancelled:
		return exitInterrupted
	}
	if _, ok := errors.AsType[*client.DialError](err); ok {
		return exitConnect
	}
	switch kind {
	case client.KindHost, client.KindRefused:
		return exitConnect
	case client.KindNotFound:
		return exitNotFound
	case client.KindDenied:
		return exitDenied
	case client.KindData:
		return exitData
	case client.KindLost, client.KindTimeout, client.KindBusy:
		return exitLost
	case client.KindSpace:
		return exitSpace
	case client.KindLocal:
		return exitLocal
	default:
		return exitFailed
	}
}

// isLocal reports whether err is trouble with a file of this computer, its full
// disk included.
func isLocal(err error) bool {
	_, file := errors.AsType[*transfers.LocalError](err)
	_, stream := errors.AsType[*client.LocalIOError](err)
	_, own := errors.AsType[*localError](err)
	return file || stream || own
}
