package access

import (
	"slices"
	"strings"
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// Kind is how long a grant lasts.
type Kind string

// The kinds of grants.
const (
	// ForSession is until the gateway stops, and no longer than [SessionLife].
	ForSession Kind = "session"
	// For30Days is 30 days after its last use, and no longer than [AbsoluteLife].
	For30Days Kind = "30d"
	// Always is until it is revoked, or has not been used for [AbsoluteLife].
	Always Kind = "always"
	// ForProgram is like Always, for a program's token.
	ForProgram Kind = "program"
)

// How long grants last.
const (
	SessionLife  = 12 * time.Hour
	slidingLife  = 30 * 24 * time.Hour
	AbsoluteLife = 180 * 24 * time.Hour
	// unclaimedLife is how long a grant that was made in advance waits for the page to come for its
	// credential.
	unclaimedLife = 24 * time.Hour
)

// maxCredentials is how many credentials an origin may have: one for each browser. The oldest goes first.
const maxCredentials = 8

// programPrefix stands before a program's name where a page has its origin.
const programPrefix = "program:"

// grant is what the user has approved for one origin, or one program. Control.mu guards its fields.
type grant struct {
	origin   string // or programPrefix and a name
	name     string // what the page calls itself
	manifest Manifest
	risks    sockets.Risks
	kind     Kind
	created  time.Time
	used     time.Time
	// credentials are the hashes of those that were given out, oldest first.
	credentials []digest
	// claimable is until when the first request of the origin is answered with a credential at
	// once; zero if no grant was made in advance, or it has been claimed.
	claimable time.Time
}

// expires is when the grant ends unless it is used before.
func (g *grant) expires() time.Time {
	switch g.kind {
	case ForSession:
		return g.created.Add(SessionLife)
	case For30Days:
		sliding, absolute := g.used.Add(slidingLife), g.created.Add(AbsoluteLife)
		if absolute.Before(sliding) {
			return absolute
		}
		return sliding
	}
	return g.used.Add(AbsoluteLife)
}

// kept says whether the grant outlives the program.
func (g *grant) kept() bool { return g.kind != ForSession }

// issue makes one more credential.
func (g *grant) issue() string {
	credential, hash := newCredential()
	g.credentials = append(g.credentials, hash)
	if extra := len(g.credentials) - maxCredentials; extra > 0 {
		g.credentials = slices.Delete(g.credentials, 0, extra)
	}
	return credential
}

// programOf returns the name of the program that a grant is for.
func programOf(origin string) (name string, ok bool) {
	return strings.CutPrefix(origin, programPrefix)
}
