package access

import "time"

// Limits bound what visitors can use up. Zero means the default.
type Limits struct {
	// Strangers is how many connections without a session all strangers may have, StrangersOfOrigin how many
	// of one origin.
	Strangers, StrangersOfOrigin int
	// Arriving is how many connections without a session an origin with rights may have.
	Arriving int
	// Requests is how many requests may wait for the user, RequestsOfOrigin how many of one origin.
	Requests, RequestsOfOrigin int
	// Grants is how many grants there may be.
	Grants int
	// ConnectRate is how many connects to the network an origin may make in a second, ConnectBurst how many
	// at once. Those to this computer are not counted.
	ConnectRate, ConnectBurst int
	// ScanFailures is how many connects to different targets may fail within ScanPeriod. Beyond, all connects of
	// the origin are refused for ScanLock.
	ScanFailures int
}

// Defaults of [Limits].
const (
	DefaultStrangers         = 8
	DefaultStrangersOfOrigin = 2
	DefaultArriving          = 16
	DefaultRequests          = 10
	DefaultRequestsOfOrigin  = 3
	DefaultGrants            = 1000
	DefaultConnectRate       = 20
	DefaultConnectBurst      = 50
	DefaultScanFailures      = 20
)

// How long the limits that are about time look back and ahead.
const (
	ScanPeriod = time.Minute
	ScanLock   = 10 * time.Minute
	// RequestLife is how long a request waits for the user.
	RequestLife = 120 * time.Second
)

func (l Limits) withDefaults() Limits {
	for _, limit := range []struct {
		field *int
		value int
	}{
		{&l.Strangers, DefaultStrangers},
		{&l.StrangersOfOrigin, DefaultStrangersOfOrigin},
		{&l.Arriving, DefaultArriving},
		{&l.Requests, DefaultRequests},
		{&l.RequestsOfOrigin, DefaultRequestsOfOrigin},
		{&l.Grants, DefaultGrants},
		{&l.ConnectRate, DefaultConnectRate},
		{&l.ConnectBurst, DefaultConnectBurst},
		{&l.ScanFailures, DefaultScanFailures},
	} {
		if *limit.field == 0 {
			*limit.field = limit.value
		}
	}
	return l
}
