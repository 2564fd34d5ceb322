package pi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"portside/client/transcript"
)

// pair returns a Conn and the server's end of its pipe. Lines that the Conn
// sends come out of the channel.
func pair(t *testing.T, cfg Config) (*Conn, net.Conn, <-chan string) {
	t.Helper()
	near, far := net.Pipe()
	sent := make(chan string, 16)
	go func() {
		defer close(sent)
		sc := bufio.NewScanner(far)
		for sc.Scan() {
			sent <- sc.Text()
		}
	}()
	c := New(near, cfg)
	t.Cleanup(func() {
		_ = far.Close()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, far, sent
}

func say(t *testing.T, far net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(far, text); err != nil {
		t.Error(err)
	}
}

func TestReplyTimeoutTakesNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := pair(t, Config{Timeout: 30 * time.Second})
		start := time.Now()
		_, err := c.Greeting(t.Context())
		var te *TimeoutError
		if !errors.As(err, &te) || !te.Timeout() {
			t.Fatalf("Greeting = %v, want a TimeoutError", err)
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %v", took)
		}
		if _, err = c.Cmd(t.Context(), "NOOP", ""); err == nil {
			t.Error("the connection is used after a reply was missed")
		}
	})
}

func TestSlowReplyHasOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far, _ := pair(t, Config{Timeout: 10 * time.Second})
		done := make(chan struct{})
		defer func() { _ = far.Close(); <-done }()
		go func() { // a byte every second, for ever
			defer close(done)
			for i := 0; ; i++ {
				if _, err := far.Write([]byte("220-dribble"[i%11 : i%11+1])); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		start := time.Now()
		if _, err := c.Greeting(t.Context()); err == nil {
			t.Error("no error")
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestGivenUpCommandIsPaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far, sent := pair(t, Config{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-sent
			cancel()
			time.Sleep(200 * time.Millisecond)
			say(t, far, "213 4711\r\n") // late, and not for the next command
			if got := <-sent; got != "PWD" {
				t.Errorf("sent %q", got)
			}
			say(t, far, "257 \"/\"\r\n")
		}()
		if _, err := c.Cmd(ctx, "SIZE", "a"); !errors.Is(err, context.Canceled) {
			t.Fatalf("Cmd = %v", err)
		}
		rep, err := c.Cmd(t.Context(), "PWD", "")
		if err != nil || rep.Code != 257 {
			t.Errorf("the next reply = %v, %v", rep, err)
		}
	})
}

func TestGivenUpTransferFindsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far, sent := pair(t, Config{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		defer func() { <-done }()
		go func() {
			defer close(done)
			<-sent
			cancel()
			for _, step := range [][2]string{
				{"ABOR", "426 Aborted\r\n226 ABOR done\r\n"},
				{"PWD", "200 a stray answer\r\n257 \"/\"\r\n"},
				{"SYST", "215 UNIX\r\n"},
			} {
				if got := <-sent; got != step[0] {
					t.Errorf("sent %q, want %q", got, step[0])
				}
				say(t, far, step[1])
			}
		}()
		if _, err := c.Cmd(ctx, "RETR", "a"); !errors.Is(err, context.Canceled) {
			t.Fatalf("Cmd = %v", err)
		}
		c.GiveUp()
		if rep, err := c.Cmd(t.Context(), "SYST", ""); err != nil || rep.Code != 215 {
			t.Errorf("the next reply = %v, %v", rep, err)
		}
	})
}

func TestEndlessPreliminaryReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far, _ := pair(t, Config{})
		done := make(chan struct{})
		defer func() { _ = far.Close(); <-done }()
		go func() {
			defer close(done)
			for {
				if _, err := io.WriteString(far, "120 Soon\r\n"); err != nil {
					return
				}
			}
		}()
		_, err := c.Greeting(t.Context())
		var le *LimitError
		if !errors.As(err, &le) {
			t.Errorf("Greeting = %v, want a LimitError", err)
		}
	})
}

func TestUnaskedReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := transcript.New(0, nil)
		c, far, sent := pair(t, Config{Transcript: rec})
		say(t, far, "226 Again\r\n")
		synctest.Wait()
		go func() {
			<-sent
			say(t, far, "200 Fine\r\n")
		}()
		if rep, err := c.Cmd(t.Context(), "NOOP", ""); err != nil || rep.Code != 200 {
			t.Errorf("Cmd = %v, %v", rep, err)
		}
		say(t, far, "421 Idle for too long\r\n")
		synctest.Wait()
		_, err := c.Cmd(t.Context(), "NOOP", "")
		var le *LostError
		if !errors.As(err, &le) || le.Last == nil || le.Last.Code != 421 {
			t.Errorf("after 421: %v", err)
		}
	})
}

func TestFraming(t *testing.T) {
	cases := []struct {
		in   string
		code int
		text string
		bad  bool
	}{
		{"220 Hello\r\n", 220, "Hello", false},
		{"220 Hello\n", 220, "Hello", false},
		{"220\r\n", 220, "", false},
		{"\r\n\r\n220 Hello\r\r\n", 220, "Hello", false},
		{"220-one\r\ntwo\r\n220 three\r\n", 220, "one\ntwo\nthree", false},
		{"220-one\r\n230 inner\r\n220-two\r\n220 end\r\n", 220, "one\n230 inner\ntwo\nend", false},
		{"220-one\r\n2200 no\r\n220 end\r\n", 220, "one\n2200 no\nend", false},
		{"\xff\xfb\x01220 Hi\xff\xff!\r\n", 220, "Hi\xff!", false},
		{"257 \"a\x00b\"\r\n", 257, "\"a\x00b\"", false},
		{"SSH-2.0-OpenSSH\r\n", 0, "", true},
		{"22 short\r\n", 0, "", true},
		{"220Hello\r\n", 0, "", true},
		{"099 low\r\n", 0, "", true},
		{"220-never ends\r\n", 0, "", true},
		{"220 no line end", 0, "", true},
		{strings.Repeat("\r\n", 100), 0, "", true},
	}
	for _, c := range cases {
		rep, err := readReply(bufio.NewReader(strings.NewReader(c.in)), Limits{}.withDefaults(), func(string) {})
		if (err != nil) != c.bad {
			t.Errorf("%q: error %v, want one: %v", c.in, err, c.bad)
			continue
		}
		if !c.bad && (rep.Code != c.code || rep.Text() != c.text) {
			t.Errorf("%q: %d %q", c.in, rep.Code, rep.Text())
		}
	}
}

func TestLimits(t *testing.T) {
	lim := Limits{LineBytes: 100, ReplyBytes: 1000}
	for _, in := range []string{
		"220 " + strings.Repeat("x", 200) + "\r\n",
		"220 " + strings.Repeat("x", 10_000),
		"220-a\r\n" + strings.Repeat("220-bbbbbbbbbbbbbb\r\n", 100) + "220 end\r\n",
	} {
		_, err := readReply(bufio.NewReader(strings.NewReader(in)), lim, func(string) {})
		var le *LimitError
		if !errors.As(err, &le) {
			t.Errorf("%d bytes: %v, want a LimitError", len(in), err)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{"220 a\r\n", "220-a\r\nb\r\n220 c\r\n", "\xff\xfb\x01500 x\n", "1", "\r\n", "257 \"\"\"\"\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		lim := Limits{LineBytes: 256, ReplyBytes: 1024}
		br := bufio.NewReader(strings.NewReader(string(in)))
		for {
			rep, err := readReply(br, lim, func(l string) {
				if strings.ContainsAny(l, "\n") || len(l) > lim.LineBytes {
					t.Errorf("line %q", l)
				}
			})
			if err != nil {
				return
			}
			if rep.Code < 100 || rep.Code > 699 || len(rep.Lines) == 0 || len(rep.Text()) > lim.ReplyBytes {
				t.Errorf("reply %+v", rep)
			}
		}
	})
}
