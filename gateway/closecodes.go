package gateway

// Close codes and reasons (PROTOCOL.md, section 8). A page may come back after 4400 to 4499, and must
// not after 4500 to 4999. Codes of one reason only are the library's.
const (
	closeSlow      = 4408
	closeNoSession = 4408
)

const (
	reasonSessionClosed  = "session-closed"
	reasonShuttingDown   = "shutting-down"
	reasonSessionNotOpen = "session-not-open"
	reasonInvalidUTF8    = "invalid-utf8"
	reasonNoSession      = "no-session"
	reasonSlow           = "slow"
)
