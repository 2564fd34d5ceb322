package secrets

// credentialState is the state that an error code of the Credential Manager stands for
// (winerror.h; CredRead, CredWrite and CredDelete in wincred.h).
func credentialState(code uint32) State {
	switch code {
	case 1168: // ERROR_NOT_FOUND
		return NotFound
	case 1312, 1062, 1722, 1723: // ERROR_NO_SUCH_LOGON_SESSION, ERROR_SERVICE_NOT_ACTIVE, RPC_S_SERVER_UNAVAILABLE, RPC_S_SERVER_TOO_BUSY
		return Missing
	case 5, 1223: // ERROR_ACCESS_DENIED, ERROR_CANCELLED
		return Refused
	case 1783: // RPC_X_BAD_STUB_DATA, of a secret that is too long
		return TooLong
	default:
		return Failed
	}
}
