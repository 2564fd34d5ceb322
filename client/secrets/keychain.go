package secrets

// keychainState is the state that an exit code of the program "security" stands for:
// the low byte of an OSStatus (Security/SecBase.h).
func keychainState(code int) State {
	switch byte(code) {
	case lowByte(-25300): // errSecItemNotFound
		return NotFound
	case lowByte(-25307), lowByte(-25294), lowByte(-25291): // errSecNoDefaultKeychain, errSecNoSuchKeychain, errSecNotAvailable
		return Missing
	case lowByte(-25308): // errSecInteractionNotAllowed
		return Locked
	case lowByte(-25293), lowByte(-128), lowByte(-25243): // errSecAuthFailed, userCanceledErr, errSecNoAccessForItem
		return Refused
	default:
		return Failed
	}
}

func lowByte(status int32) byte { return byte(uint32(status) & 0xff) }
