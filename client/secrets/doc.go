// Package secrets keeps the passwords of saved sites in the keyring of the operating
// system: the Secret Service on Linux, the Keychain on macOS, the Credential Manager on
// Windows.
//
// A keyring may be missing, locked, unwilling or hung, and none of that may stop a
// program that can ask its user. So every call is bounded in time, each kind of trouble
// has a State with a sentence that says what to do, and what cannot be put into the
// keyring is kept in memory until the program ends, never in a file.
//
// Of what was put into the keyring a small file, keyring.json, holds the names: sites
// and kinds. It says which secrets to remove where a keyring cannot be searched.
//
// The package leaves out what the secrets are for (package access), and any prompt of
// its own.
package secrets
