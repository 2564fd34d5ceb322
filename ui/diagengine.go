package ui

import (
	"context"
	"errors"

	"portside/client/diagnose"
)

// runDiagnosis says that this build cannot diagnose.
func runDiagnosis(context.Context, DiagnoseRequest) (*diagnose.Report, error) {
	return nil, errors.New("this build has no diagnosis")
}
