package access

import "time"

// bucket lets a number of acts a second through, and more at once. The zero value is full.
type bucket struct {
	spent float64   // acts that the burst is short of
	last  time.Time // when spent was right
}

// take reports whether one more act is in time, with rate acts a second and burst at once.
func (b *bucket) take(now time.Time, rate, burst int) bool {
	b.spent = max(0, b.spent-now.Sub(b.last).Seconds()*float64(rate))
	b.last = now
	if b.spent+1 > float64(burst) {
		return false
	}
	b.spent++
	return true
}

// scan counts the targets at which connects have failed in the last ScanPeriod.
type scan struct {
	failed map[string]time.Time // by target, fewer than the limit
	until  time.Time            // end of the lock
}

// lockedAt says whether the origin may not connect to anything.
func (s *scan) lockedAt(now time.Time) bool { return now.Before(s.until) }

// fail counts a failed connect. It reports whether that begins a lock, which it does with the limit-th target.
func (s *scan) fail(target string, now time.Time, limit int) bool {
	for other, at := range s.failed {
		if now.Sub(at) >= ScanPeriod {
			delete(s.failed, other)
		}
	}
	if s.failed == nil {
		s.failed = make(map[string]time.Time)
	}
	s.failed[target] = now
	if len(s.failed) < limit {
		return false
	}
	s.failed = nil
	s.until = now.Add(ScanLock)
	return true
}
