package secrets

import (
	"testing"
)

// The codes are those that "security error" and winerror.h name.
func TestCodesOfSystems(t *testing.T) {
	for code, want := range map[int]State{44: NotFound, 37: Missing, 50: Missing, 53: Missing, 36: Locked, 51: Refused, 128: Refused, 1: Failed, 2: Failed} {
		if got := keychainState(code); got != want {
			t.Errorf("Keychain, exit code %d: %v, want %v", code, got, want)
		}
	}
	for code, want := range map[uint32]State{1168: NotFound, 1312: Missing, 5: Refused, 1223: Refused, 1783: TooLong, 87: Failed} {
		if got := credentialState(code); got != want {
			t.Errorf("Credential Manager, error %d: %v, want %v", code, got, want)
		}
	}
}
