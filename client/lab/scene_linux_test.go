package lab

import (
	"strings"

	"portside/client/ftptest"
	"portside/client/internal/realserver"
)

// A scene is a network with its faults, a server, and what is true of them.
type scene struct {
	name  string
	about string // for the tables

	// The path.
	nat         bool // the client has a private address behind near
	hidden      bool // the server has a private address behind far
	ipv6        bool // IPv6 and nothing else
	mtu         int  // of the wire; 0: 1500
	clientRules string
	nearRules   string
	farRules    string
	serverRules string
	inspect     string // what a proxy on near does to the control connection; "": there is none
	ghost       bool   // a proxy on the client takes in every connection
	stranger    bool   // somebody knocks at active ports before the server
	laterRules  string // of far, once all has been tried: the network changes

	// The server.
	kind   realserver.Kind         // "": ftptest
	down   bool                    // there is none
	tls    bool                    // it offers AUTH TLS
	single bool                    // lets in one connection at a time
	server func() []ftptest.Option // in addition to the usual

	stall bool // some waits are in vain, and shortened

	like  string // the scene without faults that this one is measured by; "": open or open-tls
	truth truth
}

// truth is what is true of a scene.
type truth struct {
	ways ways // what plain sockets must find

	// What portside-cli must do with no option given.
	finds []string // methods of which it may choose; none: nothing works
	later []string // the same once the network has changed
	exit  int      // of ls where nothing works; 0: exitData
	cold  float64  // most seconds to the first listing with nothing remembered

	// What diagnose must say.
	must   []string            // these codes
	either []string            // one of these at least
	may    []string            // these as well; any other that is a warning or failure is wrong
	who    map[string][]string // who has to act on a verdict, by code
	unsure string              // why INCONCLUSIVE is right as well; "": it is not
	exits  []int               // exit codes

	byChoice bool // try --mode active, which must work, or fail within activeLimit
}

// ways says for EPSV, PASV, EPRT and PORT how they go.
type ways [4]string

// Limits in seconds.
const (
	coldLimit   = 4.0  // to the first listing, where the first method is dead
	worstLimit  = 12.0 // to the first listing, or to be told that there is none
	activeLimit = 10.0 // to be told that active mode does not work
	budget      = 30.0 // of diagnose
	wellBudget  = 12.0 // of diagnose, where all is well
	warmFactor  = 1.3  // of the open scene
	warmNoise   = 0.05 // what does not count, on a busy computer
)

// activeWorks reports whether active mode does.
func (sc *scene) activeWorks() bool {
	return strings.HasPrefix(sc.truth.ways[2], open) || strings.HasPrefix(sc.truth.ways[3], open)
}

func (sc *scene) v4() bool { return !sc.ipv6 }

// sceneNamed returns the scene of that name, nil where there is none.
func sceneNamed(name string) *scene {
	for _, sc := range scenes() {
		if sc.name == name {
			return &sc
		}
	}
	return nil
}
