// Package secretstest starts keyrings for tests: a D-Bus session of its own, in a home
// folder of its own, with a real gnome-keyring, with none, or with a made-up service
// that misbehaves. Nothing of the user's is seen or changed.
//
// Programs find the keyring by the environment (Session.Env), so what is tested runs as
// a process of its own, which is also what a restart is.
//
// All of it is for Linux.
package secretstest
