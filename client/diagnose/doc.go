// Package diagnose finds out which data connections work between this computer
// and a server, and what stands in the way of those that do not.
//
// A plan (data) says which probes to run; a probe collects evidence; rules turn
// evidence into verdicts with a sentence, the proof, who must act, and a text for
// that person. Evidence has three values, so that a probe that did not run never
// reads as a pass or a failure. Port-sequence analysis is pure (AnalyzePorts).
//
// Where the way to the server has a proxy, nothing is sent past it. What has no meaning
// through one is left out (step.proxied), and its failures have verdicts of their own.
//
// Background: RFC 959 (3.3, data connections), RFC 1579 (firewall-friendly FTP),
// RFC 2428 (EPRT and EPSV), RFC 2577 (security considerations, ports in sequence),
// RFC 4217 (TLS).
package diagnose
