package diagnose

// The values of Control.What.
const (
	WhatFTP         = "ftp"
	WhatImplicit    = "implicit TLS"
	WhatSSH         = "ssh"
	WhatAlternative = "alternative"
	// WhatOutside is a high port outside those that the server offers. Where it
	// answers (an RST is an answer) and the offered ports stay silent, the firewall
	// of this network lets high ports out, so the silence is the server's side.
	WhatOutside = "outside"
)

// The values of Control.Class.
const (
	ClassOpen        = "open"
	ClassRefused     = "refused"
	ClassDropped     = "dropped"
	ClassProhibited  = "prohibited"
	ClassUnreachable = "unreachable"
	ClassError       = "error"
)

// TLSOnly12 is beside the catalogue: TLS 1.3 fails and TLS 1.2 works.
const TLSOnly12 = "TLS_ONLY_12"

// The values of Verdict.Confidence.
const (
	Certain  = "certain"  // the evidence allows nothing else
	Likely   = "likely"   // the evidence allows something else that is rare
	Possible = "possible" // one of several causes that look alike
)
