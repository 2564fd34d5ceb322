package ftptest_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"

	"portside/client/ftptest"
)

func Example() {
	srv, err := ftptest.Start(ftptest.Greeting("220 Hello from the example."), ftptest.Reply("SYST", "500 What?"))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	var d net.Dialer
	conn, err := d.DialContext(context.Background(), "tcp", srv.Addr)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "SYST\r\nQUIT\r\n"); err != nil {
		log.Fatal(err)
	}
	for s := bufio.NewScanner(conn); s.Scan(); {
		fmt.Println(s.Text())
	}
	fmt.Println(srv.Verbs())
	// Output:
	// 220 Hello from the example.
	// 500 What?
	// 221 Goodbye.
	// [SYST QUIT]
}
