package lab

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
)

// What the environment tells a process that is the test binary in another role.
const (
	roleVar  = "PORTSIDE_LAB_ROLE"
	sceneVar = "PORTSIDE_LAB_SCENE"
	cliVar   = "PORTSIDE_LAB_CLI" // the program to be tried
	onlyVar  = "PORTSIDE_LAB_ONLY"
	onlyWarm = "warm" // of onlyVar: measure listings from memory, and nothing else
)

// atOnce is how many scenes run at a time: they are mostly waiting.
const atOnce = "6"

// roles are what the test binary can be besides tests.
var roles = map[string]func(ctx context.Context, sc *scene) error{
	"scene":    runScene,    // the first process of a scene
	"server":   runServer,   // the FTP server
	"check":    runCheck,    // plain sockets on the client
	"inspect":  runInspect,  // a firewall that reads the control connection, on near
	"ghost":    runGhost,    // what answers for every server, on the client
	"stranger": runStranger, // who knocks at other people's ports
}

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		os.Exit(play(role))
	}
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", atOnce); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// play runs a role until it is done or standard input ends, which it does when
// the process that started it is gone.
func play(role string) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is all that it can say
		cancel()
	}()
	run, ok := roles[role]
	sc := sceneNamed(os.Getenv(sceneVar))
	if !ok || sc == nil {
		fmt.Fprintf(os.Stderr, "no role %q or no scene %q\n", role, os.Getenv(sceneVar))
		return 2
	}
	if err := run(ctx, sc); err != nil {
		fmt.Fprintf(os.Stderr, "%s of scene %s: %v\n", role, sc.name, err)
		return 1
	}
	return 0
}

// ready tells the process that started this one that it may go on.
func ready() { fmt.Println(readyLine) }

// readyLine says that a helper does its work, skipLine begins a line that says why
// it cannot.
const (
	readyLine = "ready"
	skipLine  = "skip"
)
