// Package transfers moves files and folders between a server and this
// computer, and deletes folders on a server.
//
// A download goes to a temporary name in the target's folder, is checked
// against the size that the server says, flushed to the disk and renamed; until
// then nothing has changed under the final name. An interrupted transfer is
// taken up again (RFC 3659, section 5: REST) only after the size, the
// modification time and a sample of the last bytes have been compared. Names
// that a server sends become one local pathname component or are refused, and
// all local writing happens below an [os.Root].
//
// The functions ([Download], [DownloadTree], [Upload], [UploadTree],
// [DeleteTree]) work on one session, in the caller's goroutine. A [Queue] runs
// many of them over sessions of its own. [PlanMirror] compares two folders, and
// [MirrorPlan.Apply] makes one like the other.
//
// The package leaves out transfers from server to server, several connections
// for one file, and a queue that outlives the program.
package transfers
