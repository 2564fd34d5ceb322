package transfers

import (
	"context"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"portside/client"
)

func TestJudgement(t *testing.T) {
	wait := func(j Judgement) Judgement { j.Wait = fullWait; return j }
	tests := []struct {
		name string
		err  error
		want Judgement
	}{
		{"nothing", nil, Judgement{}},
		{"control connection", lostConn(), Judgement{Again: true, SessionLost: true}},
		{"421", refuse("RETR", 421, "Bye."), Judgement{Again: true, SessionLost: true}},
		{"425", refuse("RETR", 425, "No."), Judgement{Again: true}},
		{"426", refuse("RETR", 426, "Cut."), Judgement{Again: true}},
		{"450", refuse("RETR", 450, "Busy."), Judgement{Again: true}},
		{"452", refuse("STOR", 452, "Full."), wait(Judgement{Again: true})},
		{"552", refuse("STOR", 552, "Quota."), wait(Judgement{Again: true})},
		{"550", refuse("RETR", 550, "No."), Judgement{}},
		{"data connection", brokenData(), Judgement{Again: true}},
		{"size", &SizeError{}, Judgement{Again: true}},
		{"checksum", &HashError{}, Judgement{NeedsUser: true}},
		{"conflict", &ConflictError{}, Judgement{NeedsUser: true}},
		{"exists", &RemoteExistsError{}, Judgement{NeedsUser: true}},
		{"folder", ErrIsDir, Judgement{NeedsUser: true}},
		{"login", &client.LoginError{}, Judgement{SessionLost: true, SiteWide: true, NeedsUser: true}},
		{"certificate", &client.CertError{}, Judgement{SessionLost: true, SiteWide: true, NeedsUser: true}},
		{"no way for data", &client.NoMethodError{}, Judgement{SiteWide: true, NeedsUser: true}},
		{"disk full", localErr("write", "x", syscall.ENOSPC), wait(Judgement{Again: true})},
		{"disk full, part kept", &KeptError{Err: localErr("write", "x", syscall.ENOSPC)}, wait(Judgement{Again: true})},
		{"busy", &LocalError{Kind: LocalBusy, Err: errBusy}, Judgement{Again: true}},
		{"changed", &LocalError{Kind: LocalChanged, Err: errChanged}, Judgement{Again: true}},
		{"permission", localErr("write", "x", fs.ErrPermission), Judgement{NeedsUser: true}},
		{"name", &LocalError{Kind: LocalBadName, Err: errReserved}, Judgement{NeedsUser: true}},
		{"not kept", fmt.Errorf("%w: %w", errNotKept, fs.ErrInvalid), wait(Judgement{Again: true})},
		{"cancelled", context.Canceled, Judgement{}},
	}
	for _, tt := range tests {
		if got := Judge(tt.err); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if tt.err == nil {
			continue
		}
		if a := Explain(tt.err); a.Sentence == "" {
			t.Errorf("%s: no sentence", tt.name)
		}
	}
	if fullWait < 10*time.Second {
		t.Error("a full disk is not given time")
	}
}
