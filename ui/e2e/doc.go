// Package e2e tests the real window from outside: the program as it is built,
// on a virtual display, driven by mouse and keyboard through xdotool, against a
// real server on loopback. It needs Xvfb and xdotool, and runs with the build
// tag e2e:
//
//	go test -tags e2e ./ui/e2e
//
// What is on the screen is asked of a probe that only builds for this test have
// (build tag uiprobe).
package e2e
