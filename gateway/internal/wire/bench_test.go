package wire

import "testing"

// The cost of this client must stay small against that of a gateway; these show it alone, against an
// echoing server of a few lines.

func BenchmarkBlocks(b *testing.B) {
	benchmarkEcho(b, 56<<10)
}

func BenchmarkSmallRecords(b *testing.B) {
	benchmarkEcho(b, 64)
}

func benchmarkEcho(b *testing.B, size int) {
	e := dialEcho(b)
	arrived := make(chan struct{}, 1)
	var want, got int
	p := make([]byte, size)
	e.s.Handle(Handler{Data: func(p []byte) {
		if got += len(p); got == want {
			arrived <- struct{}{}
		}
	}})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	want = b.N * size
	b.ResetTimer()
	for range b.N {
		if _, err := e.s.Write(p); err != nil {
			b.Fatal(err)
		}
	}
	<-arrived
}
