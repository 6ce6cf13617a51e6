package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"syscall"
)

// listenAttempts is how often a free port is looked for that is free on every host.
const listenAttempts = 10

// PortSetting is how a user chooses a port, for errors.
type PortSetting struct {
	Flag        string // "--port"
	Environment string // "SOCKETGATE_PORT"
}

// Listen opens a port on each host, an IP literal. Port 0 takes one that is free on all.
// The first host must work; others that the machine does not have are left out, with a line in the
// log. If the port is taken, the error names the program that has it, where that can be found out, and how
// to choose another.
func Listen(port int, hosts []string, setting PortSetting, log *slog.Logger) ([]net.Listener, error) {
	for attempt := 1; ; attempt++ {
		listeners, err := listenOnce(port, hosts, log)
		if err == nil {
			return listeners, nil
		}
		if port != 0 || attempt == listenAttempts {
			return nil, explainListen(err, port, setting)
		}
	}
}

func listenOnce(port int, hosts []string, log *slog.Logger) ([]net.Listener, error) {
	var listeners []net.Listener
	for i, host := range hosts {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		switch {
		case err == nil:
			listeners = append(listeners, ln)
			port = ln.Addr().(*net.TCPAddr).Port
		case i > 0 && !isInUse(err):
			log.Info("address left out", "host", host, "err", err)
		default:
			for _, ln := range listeners {
				_ = ln.Close() // to be opened again on another port, or never
			}
			return nil, err
		}
	}
	return listeners, nil
}

func isInUse(err error) bool {
	const wsaeaddrinuse = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaeaddrinuse)
}

// explainListen says what to do about a port that cannot be opened.
func explainListen(err error, port int, setting PortSetting) error {
	switch {
	case isInUse(err):
		return fmt.Errorf("port %d is taken: %s. Stop that program, or choose another port with %s N or %s=N (%s 0 takes any free one): %w",
			port, portSuspect(port), setting.Flag, setting.Environment, setting.Flag, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs more rights than this program has; choose one above 1023 with %s N: %w", port, setting.Flag, err)
	default:
		return fmt.Errorf("the gateway cannot listen: %w", err)
	}
}
