package ftptest

// command says how a verb is obeyed.
type command struct {
	run    func(*Conn, string)
	open   bool // before login too
	arg    bool // needs an argument
	change bool // refused on a read-only server
}

// commandTable lists the verbs that the server knows.
func commandTable() map[string]command {
	t := map[string]command{
		"USER": {run: (*Conn).cmdUSER, open: true, arg: true},
		"PASS": {run: (*Conn).cmdPASS, open: true},
		"ACCT": {run: (*Conn).cmdACCT, open: true},
		"AUTH": {run: (*Conn).cmdAUTH, open: true, arg: true},
		"PBSZ": {run: (*Conn).cmdPBSZ, open: true, arg: true},
		"PROT": {run: (*Conn).cmdPROT, open: true, arg: true},
		"FEAT": {run: (*Conn).cmdFEAT, open: true},
		"OPTS": {run: (*Conn).cmdOPTS, open: true, arg: true},
		"SYST": {run: (*Conn).cmdSYST, open: true},
		"CLNT": {run: (*Conn).cmdCLNT, open: true},
		"HELP": {run: (*Conn).cmdHELP, open: true},
		"NOOP": {run: (*Conn).cmdNOOP, open: true},
		"QUIT": {run: (*Conn).cmdQUIT, open: true},
		"ABOR": {run: (*Conn).cmdABOR},
		"STAT": {run: (*Conn).cmdSTAT},
		"ALLO": {run: (*Conn).cmdALLO},

		"TYPE": {run: (*Conn).cmdTYPE, arg: true},
		"MODE": {run: (*Conn).cmdMODE, arg: true},
		"STRU": {run: (*Conn).cmdSTRU, arg: true},
		"PASV": {run: (*Conn).cmdPASV},
		"EPSV": {run: (*Conn).cmdEPSV},
		"PORT": {run: (*Conn).cmdPORT, arg: true},
		"EPRT": {run: (*Conn).cmdEPRT, arg: true},
		"REST": {run: (*Conn).cmdREST, arg: true},
		"LIST": {run: (*Conn).cmdLIST},
		"NLST": {run: (*Conn).cmdNLST},
		"MLSD": {run: (*Conn).cmdMLSD},
		"MLST": {run: (*Conn).cmdMLST},
		"RETR": {run: (*Conn).cmdRETR, arg: true},
		"STOR": {run: (*Conn).cmdSTOR, arg: true, change: true},
		"APPE": {run: (*Conn).cmdAPPE, arg: true, change: true},
		"STOU": {run: (*Conn).cmdSTOU, change: true},

		"PWD":  {run: (*Conn).cmdPWD},
		"CWD":  {run: (*Conn).cmdCWD, arg: true},
		"CDUP": {run: (*Conn).cmdCDUP},
		"MKD":  {run: (*Conn).cmdMKD, arg: true, change: true},
		"RMD":  {run: (*Conn).cmdRMD, arg: true, change: true},
		"DELE": {run: (*Conn).cmdDELE, arg: true, change: true},
		"RNFR": {run: (*Conn).cmdRNFR, arg: true, change: true},
		"RNTO": {run: (*Conn).cmdRNTO, arg: true, change: true},
		"SIZE": {run: (*Conn).cmdSIZE, arg: true},
		"MDTM": {run: (*Conn).cmdMDTM, arg: true},
		"MFMT": {run: (*Conn).cmdMFMT, arg: true, change: true},
		"SITE": {run: (*Conn).cmdSITE, arg: true},
		"HASH": {run: (*Conn).cmdHASH, arg: true},

		"XSHA256": {run: xhash("SHA-256"), arg: true},
		"XSHA1":   {run: xhash("SHA-1"), arg: true},
		"XMD5":    {run: xhash("MD5"), arg: true},
		"XCRC":    {run: xhash("CRC32"), arg: true},
	}
	// RFC 1123, 4.1.3.1: the X forms of the directory commands.
	for x, v := range map[string]string{"XPWD": "PWD", "XCWD": "CWD", "XCUP": "CDUP", "XMKD": "MKD", "XRMD": "RMD"} {
		t[x] = t[v]
	}
	return t
}
