package access

import "errors"

// Standing is how a visitor comes to its rights.
type Standing string

// The standings. The words are those of the audit.
const (
	// Stranger has no grant, and may ask for one.
	Stranger Standing = "stranger"
	// Granted has a grant, and must show its credential.
	Granted Standing = "grant"
	// Program has shown its token.
	Program Standing = "program"
	// OwnPage is a page that the gateway serves itself.
	OwnPage Standing = "own-page"
	// Developer is a page of this machine, in development.
	Developer Standing = "dev"
	// Listed is an origin of the policy file.
	Listed Standing = "policy-file"
	// Everyone is any page of this machine, where tests say so.
	Everyone Standing = "everyone"
)

// NeedsCredential says whether a session needs one.
func (s Standing) NeedsCredential() bool { return s == Stranger || s == Granted }

// NeedsSameUser says whether a connection must be the same user's as the gateway, since nothing else tells
// that it comes from the user's browser.
func (s Standing) NeedsSameUser() bool { return s == OwnPage || s == Developer }

// Visitor is where a connection comes from.
type Visitor struct {
	Origin   string // of the page, or of a program its name after "program:"
	Standing Standing
	Peer     string // address of the other end
}

var (
	// ErrBlocked means that the user does not want to hear of the origin.
	ErrBlocked = errors.New("access: the origin is blocked")
	// ErrUninvited means that the origin may not even ask.
	ErrUninvited = errors.New("access: the origin is not permitted, and requests are switched off")
	// ErrToken means that a program's token is not known, or not any more.
	ErrToken = errors.New("access: the token is not valid; make one with socketgate allow --program NAME")
)

// RefusedError says why a session was not opened.
type RefusedError struct {
	Reason string // stable: one of the Reason constants
	// CanRequest says that the page may ask for a permission now.
	CanRequest bool
}

// The reasons of a [RefusedError].
const (
	ReasonUnknown = "origin-unknown"
	ReasonMissing = "credential-missing"
	ReasonWrong   = "credential-wrong"
	ReasonExpired = "credential-expired"
)

func (e *RefusedError) Error() string { return "access: origin not permitted: " + e.Reason }

// Visit says how a page of origin stands. own says that the gateway serves it itself. The error is
// [ErrBlocked] or [ErrUninvited].
func (c *Control) Visit(origin Origin, own bool, peer string) (Visitor, error) {
	v := Visitor{Origin: string(origin), Standing: Stranger, Peer: peer}
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	_, listed := c.config.Policy.origin(origin)
	switch {
	case c.blocked[v.Origin], c.config.Policy.blocks(origin):
		c.auditLocked(Entry{Act: ActVisit, Visitor: v, Verdict: Refused, Rule: "blocked"})
		return v, ErrBlocked
	case listed:
		v.Standing = Listed
	case c.config.Everyone != nil && origin.Loopback():
		v.Standing = Everyone
	case own && !c.config.NoOwnPage:
		v.Standing = OwnPage
	case c.config.Dev && origin.Loopback():
		v.Standing = Developer
	case !c.config.Policy.asks():
		c.auditLocked(Entry{Act: ActVisit, Visitor: v, Verdict: Refused, Rule: "requests-off"})
		return v, ErrUninvited
	case c.grants[v.Origin] != nil:
		v.Standing = Granted
	}
	return v, nil
}

// VisitProgram says which program has a token.
func (c *Control) VisitProgram(token, peer string) (Visitor, error) {
	hash := digestOf(token)
	c.mu.Lock()
	defer c.unlock()
	c.expireLocked()
	for _, g := range c.grants {
		if g.kind == ForProgram && hash.matchesAny(g.credentials) {
			return Visitor{Origin: g.origin, Standing: Program, Peer: peer}, nil
		}
	}
	v := Visitor{Origin: programPrefix + "?", Standing: Stranger, Peer: peer}
	c.auditLocked(Entry{Act: ActVisit, Visitor: v, Verdict: Refused, Rule: "token"})
	return v, ErrToken
}
