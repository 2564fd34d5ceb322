// Package edit lets files of a server be edited here: each is fetched into a
// folder of its own that nobody else can read, watched, and sent back when it was
// changed.
//
// A [Desk] holds what is being edited. [Desk.Fetch] downloads; a program of the
// user's then does with the file what it likes, be it writing into it or replacing
// it by another of that name. What counts is the content: a copy is changed where
// its SHA-256 is another than that of what was fetched or sent last, once size and
// time have stood still for a moment. Before it is sent ([Desk.Upload]) the file on
// the server is looked at: where somebody else has changed it meanwhile, nothing is
// sent before [Conflict] is decided. What is sent is a snapshot, so that a program
// may go on writing, and goes to the site and the path that it came from.
//
// Nothing is lost: a copy stays until the server has it or [Desk.Discard] is called,
// also when the program ends, and the next one finds it. Copies that are the same as
// on the server go when the desk is closed. What else is in the folder of a copy stays,
// and each [Open] tells where.
//
// The package leaves out who is asked and how, which program edits, and how to log
// in. No secret is in its files.
package edit
