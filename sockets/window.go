package sockets

// Flow control arithmetic (gateway/PROTOCOL.md, section 6). Offsets count the bytes of one direction of
// a stream from its creation and never fall, also not when the stream is connected again. No lock, no
// input or output here: the fields belong to the stream's lock.

// outflow is the sending end: what goes to the page.
type outflow struct {
	sent  uint64 // offset behind the last byte sent
	limit uint64 // the page takes bytes up to here
}

// begin gives a new connection one window of credit.
func (f *outflow) begin(window int) {
	f.limit = f.sent + uint64(window)
}

// raise takes a LIMIT of the page. One that is not higher than before changes nothing.
func (f *outflow) raise(limit uint64) {
	f.limit = max(f.limit, limit)
}

// given is the offset up to which the program has been given the bytes, with that window.
func (f *outflow) given(window int) uint64 {
	return f.limit - uint64(window)
}

// credit is how many bytes may be sent now.
func (f *outflow) credit() int {
	return int(min(f.limit-f.sent, 1<<30))
}

// inflow is the receiving end: what comes from the page.
type inflow struct {
	window   int
	received uint64 // offset behind the last byte that arrived
	taken    uint64 // offset behind the last byte that the kernel took
	limit    uint64 // what the page was told last: LIMIT
}

// begin gives a new connection one window of credit. What the last connection did not take is over.
func (f *inflow) begin(window int) {
	f.window = window
	f.taken = f.received
	f.limit = f.received + uint64(window)
}

// admits says whether the page has credit for n more bytes.
func (f *inflow) admits(n int) bool {
	return f.received+uint64(n) <= f.limit
}

// receive counts n bytes that have arrived.
func (f *inflow) receive(n int) {
	f.received += uint64(n)
}

// take counts n bytes that the kernel took.
func (f *inflow) take(n int) {
	f.taken += uint64(n)
}

// due says whether a LIMIT is owed to the page: when all that arrived has been taken, so that a send
// completes at once, and at the latest after half a window.
func (f *inflow) due() bool {
	owed := f.taken + uint64(f.window) - f.limit
	return owed > 0 && (f.taken == f.received || owed >= uint64(f.window/2))
}

// announce returns the LIMIT to send.
func (f *inflow) announce() uint64 {
	f.limit = f.taken + uint64(f.window)
	return f.limit
}
