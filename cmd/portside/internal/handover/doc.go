// Package handover brings what a second start of the program was given to the window
// that is open already, of the same user, configuration and display.
//
// The window that comes first holds a lock and listens on a Unix socket beside it, in a
// folder that is its user's alone. A later start connects, waits for a greeting, sends
// one request, and waits for the answer. Who waits does so for Patience at most: a
// window that hangs costs its user no more than that. Since the request follows the
// greeting, a window that was stopped and comes to itself later finds nothing to do.
//
// A request may hold a password, as addresses do. It is in no error of this package.
package handover
