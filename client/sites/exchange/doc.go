// Package exchange reads the site lists of other programs, and writes sites for
// them and for other computers.
//
// Reading is in two steps. Read makes an Import: a row for each entry of the file,
// with the site that it becomes, or why it becomes none, and what of it has no equal
// here. Apply then takes the chosen rows into the book of sites and their passwords
// into the keyring; the book takes all of them or none. The file read is never
// changed.
//
// Files are taken for hostile. They are read up to MaxSize bytes, entries up to
// MaxEntries, elements within elements up to MaxDepth; there are no entities and no
// references to other files. No value holds a line break (notes excepted), a NUL or
// another control character, and no folder leads upwards. A file that cannot be
// understood is an error as a whole; an entry that cannot is a skipped row.
//
// The formats of FileZilla, WinSCP, lftp, Cyberduck, rclone and NcFTP are read as
// these programs write them, .netrc as the ftp commands and curl do. Passwords that
// a program only hides are taken over; those that it encrypts with a master password
// are asked for when the site is used. What is written never holds a
// password.
package exchange
