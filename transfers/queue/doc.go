// Package queue runs transfers of many sites, as long as it takes: it keeps
// what is to be done in a file, so that it survives the program, and works it
// off over several sessions a site.
//
// Its unit is the entry: one file, or one folder that is to be listed and whose
// contents become entries of their own while others are transferred already.
// An entry's state is written to the file before anything depends on it: what
// was decided about an existing target is on disk before a file appears under
// its final name, and a folder is done in the same step in which its contents
// are added. After the end of the program, at whatever moment, every entry is
// therefore there once, and doing an unfinished one again has the same result.
//
// Nobody waits in a session: an entry that has to be tried again gives its
// session to the next one. A site whose login is refused stops at once. Sessions
// of a site are added while that makes it faster, and given up where the server
// says that they are too many.
package queue
