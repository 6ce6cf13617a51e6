package gateway

// Close codes and reasons (PROTOCOL.md, section 8). A page may come back after 4400 to 4499, and must
// not after 4500 to 4999. Codes of one reason only are the library's.
const (
	closeNormal    = 1000
	closeSlow      = 4408
	closeNoSession = 4408
	closeTakenOver = 4501
	closeRefused   = 4503
	closeRevoked   = 4523
)

const (
	reasonSessionClosed  = "session-closed"
	reasonShuttingDown   = "shutting-down"
	reasonSessionNotOpen = "session-not-open"
	reasonInvalidUTF8    = "invalid-utf8"
	reasonNoSession      = "no-session"
	reasonSlow           = "slow"
	reasonResume         = "bad-resume"
	reasonTakenOver      = "taken-over"
	reasonRefused        = "not-permitted"
	reasonRevoked        = "revoked"
)
