// Package ftptest is an FTP server for tests, as net/http/httptest is one for
// HTTP: it listens on loopback, keeps its files in memory, and does what a
// script tells it to.
//
// Unscripted it is a correct server: RFC 959 (login, PORT, PASV, TYPE A and I,
// REST, the file commands, ABOR, STAT), RFC 1123 section 4.1, RFC 2228 and RFC
// 4217 (AUTH TLS, PBSZ, PROT, with TLS 1.2 and 1.3, and implicit TLS), RFC 2389
// (FEAT, OPTS), RFC 2428 (EPRT, EPSV), RFC 2640 (UTF8), RFC 3659 (MLSD, MLST,
// MDTM, SIZE, REST STREAM), draft-somers-ftp-mfxx (MFMT), draft-bryan-ftp-hash
// (HASH) and the older XCRC, XMD5, XSHA1 and XSHA256. It leaves out block and
// compressed mode, record and page structure, CCC, and server-to-server
// transfers.
//
// Options script it. They compose, and can be given at the start or later with
// [Server.Apply]:
//
//	srv := ftptest.NewServer(t,
//		ftptest.User("joe", "secret"),
//		ftptest.File("/docs/a.txt", "hello\n"),
//		ftptest.Reply("PORT", "500 Illegal PORT command."),
//		ftptest.Times(1, ftptest.CutData(1000, "RETR")),
//	)
//
// Names and paths are raw bytes in a Go string; the server never decodes them.
//
// # From a shell
//
// The package's test binary is also a server, with the faults as flags:
//
//	go test ./client/ftptest -v -timeout 0 -run '^$' -ftptest.serve 127.0.0.1:2121 -ftptest.tls -ftptest.cut 100000
//
// It serves until it is interrupted, and prints every command and reply; -v
// makes go test pass that on at once, and -timeout 0 lets it run for longer
// than ten minutes. The flags, all optional but the first:
//
//	-ftptest.serve ADDR        listen on ADDR, for example 127.0.0.1:2121 or [::1]:2121
//	-ftptest.user NAME:PASS    accept this account, and no anonymous login
//	-ftptest.dir FOLDER        copy this folder into memory (default: a small tree)
//	-ftptest.big BYTES         a file /big.bin of so many bytes, made up while it is sent
//	-ftptest.wide N            a folder /wide of N entries, made up while they are listed
//	-ftptest.tls               offer AUTH TLS; the CA is written to -ftptest.cafile
//	-ftptest.implicit          implicit TLS
//	-ftptest.requiretls        refuse logins and data connections without TLS
//	-ftptest.reuse             demand TLS session reuse on data connections
//	-ftptest.cafile FILE       write the CA certificate to FILE, as PEM
//	-ftptest.reply VERB=TEXT   reply TEXT to VERB (may be repeated; \n separates lines)
//	-ftptest.delay VERB=D      wait D before answering VERB (may be repeated)
//	-ftptest.greeting TEXT     greet with TEXT
//	-ftptest.without V1,V2     commands the server does not know
//	-ftptest.nofeat            refuse FEAT
//	-ftptest.rtt D             round-trip time of the control connection
//	-ftptest.bandwidth N       bytes a second and data connection
//	-ftptest.dribble D         send replies byte by byte, D between them
//	-ftptest.blackhole         passive ports never answer
//	-ftptest.refuse            passive ports refuse
//	-ftptest.passive ADDR      address to announce in 227
//	-ftptest.never             active: 150, then never connect
//	-ftptest.late425 D         active: 150, and 425 after D
//	-ftptest.connectfirst      open the data connection before 150, as vsftpd does
//	-ftptest.no150             no preliminary reply
//	-ftptest.double            two final replies
//	-ftptest.final TEXT        final reply of every transfer
//	-ftptest.cut N             reset data connections after N bytes
//	-ftptest.stall N           stop sending and reading data after N bytes
//	-ftptest.ignorerest        accept REST, and start at 0 all the same
//	-ftptest.maxconns N        421 for more than N control connections
package ftptest
