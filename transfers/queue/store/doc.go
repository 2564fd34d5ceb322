// Package store keeps the transfer queue in an SQLite file.
//
// It knows rows, their order and their states as numbers; what a state means, and
// when a row changes, is for the scheduler to say. Changes are made by one goroutine,
// which puts together what waits into one transaction: a change that is acknowledged
// survives the end of the program at any moment, and each call is there as a whole or
// not at all. A power cut may take the last moments, and never leaves a half.
// Reading does not wait for writing, and sees all that was acknowledged.
//
// The file is in WAL mode, for one program at a time, and readable by its owner only.
// A damaged one is set aside and never overwritten; one of a newer version of the
// program is left alone. Times are kept to the microsecond.
//
// The package leaves out FTP, files to transfer, and secrets, which have no place in it.
package store
