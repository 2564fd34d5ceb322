package ui

import (
	"context"

	"portside/client/diagnose"
)

// runDiagnosis runs a diagnosis by package diagnose and judges what it found.
func runDiagnosis(ctx context.Context, req DiagnoseRequest) (*diagnose.Report, error) {
	opt := diagnose.Options{PlainLogin: req.Plain, OnProbe: req.OnProbe, Version: req.Version, MapPort: req.MapPort}
	for _, p := range diagnose.Plan(opt) {
		req.OnProbe(p)
	}
	report, err := diagnose.Run(ctx, diagnose.Target{Addr: req.Addr, Options: req.Options}, opt)
	if err != nil {
		return nil, err
	}
	diagnose.Judge(report)
	return report, nil
}
