// Client is a program for the browser tests: it opens connections to an echo server all at once, sends
// its bytes on each, ends its direction, and fails unless exactly these bytes come back on each.
//
//	client [-connections N] [-bytes N] [-seed N] address
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"
)

// hang is when a connection on which nothing happens counts as stuck.
const hang = 60 * time.Second

func main() {
	connections := flag.Int("connections", 1, "how many, all at once")
	size := flag.Int64("bytes", 1, "how many to send on each connection")
	seed := flag.Uint64("seed", 1, "of the bytes")
	flag.Parse()

	results := make(chan error, *connections)
	for i := range *connections {
		go func() {
			err := echo(flag.Arg(0), *size, rand.NewPCG(*seed, uint64(i)))
			if err != nil {
				err = fmt.Errorf("connection %d of seed %d: %w", i, *seed, err)
			}
			results <- err
		}()
	}
	var failed error
	for range *connections {
		failed = errors.Join(failed, <-results)
	}
	if failed != nil {
		fmt.Fprintln(os.Stderr, failed)
		os.Exit(1)
	}
	fmt.Printf("%d connections, %d bytes each\n", *connections, *size)
}

// echo sends size bytes of random and compares what comes back.
func echo(address string, size int64, random *rand.PCG) error {
	conn, err := net.DialTimeout("tcp", address, hang)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(hang)); err != nil {
		return err
	}

	sent := sha256.New()
	writing := make(chan error, 1)
	go func() {
		source := io.TeeReader(io.LimitReader(reader{random}, size), sent)
		_, err := io.Copy(conn, source)
		writing <- errors.Join(err, conn.(*net.TCPConn).CloseWrite())
	}()
	received := sha256.New()
	n, err := io.Copy(received, conn)
	if err := errors.Join(err, <-writing); err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%d bytes came back of %d", n, size)
	}
	if !bytes.Equal(sent.Sum(nil), received.Sum(nil)) {
		return errors.New("other bytes came back")
	}
	return nil
}

// reader gives the bytes of a random source without end.
type reader struct{ source *rand.PCG }

func (r reader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.source.Uint64())
	}
	return len(p), nil
}
