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
// [Move] moves one file over one session, in one try, for a caller that decides
// when to try again; package queue is one. [MoveSegmented] fetches one large file
// over several sessions, [MoveBetween] copies one from server to server. The
// functions [Download], [Upload], [DeleteTree] and [ChmodTree] do a whole task in the caller's goroutine, and
// wait and try again by themselves. [PlanMirror] compares two folders, and
// [MirrorPlan.Apply] makes one like the other. A [Limiter] holds any number of
// transfers to one rate.
//
// The package leaves out what is done when, and what outlives the program: that
// is package queue.
package transfers
