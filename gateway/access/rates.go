package access

import "time"

// Bounds of an origin's connects to the network. Those to this computer are not counted.
const (
	ConnectRate  = 20 // a second
	ConnectBurst = 50
)

// Bounds of an origin that tries out what is there.
const (
	ScanFailures = 20 // failed connects to different targets
	ScanPeriod   = time.Minute
	ScanLock     = 10 * time.Minute
)

// bucket lets ConnectRate acts a second through, and ConnectBurst at once. The zero value is full.
type bucket struct {
	spent float64   // acts that the burst is short of
	last  time.Time // when spent was right
}

// take reports whether one more act is in time.
func (b *bucket) take(now time.Time) bool {
	b.spent = max(0, b.spent-now.Sub(b.last).Seconds()*ConnectRate)
	b.last = now
	if b.spent+1 > ConnectBurst {
		return false
	}
	b.spent++
	return true
}

// scan counts the targets at which connects have failed in the last ScanPeriod.
type scan struct {
	failed map[string]time.Time // by target, at most ScanFailures
	until  time.Time            // end of the lock
}

// lockedAt says whether the origin may not connect to anything.
func (s *scan) lockedAt(now time.Time) bool { return now.Before(s.until) }

// fail counts a failed connect. It reports whether that begins a lock.
func (s *scan) fail(target string, now time.Time) bool {
	for other, at := range s.failed {
		if now.Sub(at) >= ScanPeriod {
			delete(s.failed, other)
		}
	}
	if s.failed == nil {
		s.failed = make(map[string]time.Time)
	}
	s.failed[target] = now
	if len(s.failed) < ScanFailures {
		return false
	}
	s.failed = nil
	s.until = now.Add(ScanLock)
	return true
}
