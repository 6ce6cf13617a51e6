package access

import (
	"time"

	"github.com/socketgate/socketgate/sockets"
)

// maxMuted bounds how many origins are remembered for having been denied.
const maxMuted = 1024

// Denials that make an origin be quiet.
const (
	maxDenials = 3
	muteTime   = 24 * time.Hour
)

// place is what is known of an origin while it has sessions or requests, or has been denied. Control.mu
// guards it.
type place struct {
	leases map[*Lease]struct{}
	// requests that wait for the user.
	requests int
	// denials within muteTime of the last one.
	denials int
	denied  time.Time
	// connects bounds connections to the network.
	connects bucket
	// scan notices an origin that tries out many targets.
	scan scan
	// shared bounds the sockets of all its sessions.
	shared *sockets.Shared
}

// placeLocked returns the place of an origin, a new one if need be.
func (c *Control) placeLocked(origin string) *place {
	p := c.places[origin]
	if p == nil {
		p = &place{leases: make(map[*Lease]struct{})}
		c.places[origin] = p
	}
	return p
}

// releaseLocked forgets a place that nothing needs.
func (c *Control) releaseLocked(origin string, p *place) {
	now := time.Now()
	if len(p.leases) == 0 && p.requests == 0 && p.denials == 0 && !p.scan.lockedAt(now) {
		delete(c.places, origin)
	}
}

// liveLocked says whether an origin has sessions.
func (c *Control) liveLocked(origin string) bool {
	p := c.places[origin]
	return p != nil && len(p.leases) > 0
}

// muted says whether an origin has been denied so often that it may not ask now.
func (p *place) muted(now time.Time) bool {
	return p.denials >= maxDenials && now.Sub(p.denied) < muteTime
}

// deniedLocked counts a denial. Of the origins that have nothing but denials, the one that was denied
// first is forgotten when there are too many.
func (c *Control) deniedLocked(origin string) {
	now := time.Now()
	p := c.placeLocked(origin)
	if now.Sub(p.denied) >= muteTime {
		p.denials = 0
	}
	p.denials++
	p.denied = now
	var oldest string
	muted := 0
	for name, other := range c.places {
		if other == p || other.denials == 0 || len(other.leases) > 0 || other.requests > 0 {
			continue
		}
		muted++
		if oldest == "" || other.denied.Before(c.places[oldest].denied) {
			oldest = name
		}
	}
	if muted >= maxMuted {
		delete(c.places, oldest)
	}
}
