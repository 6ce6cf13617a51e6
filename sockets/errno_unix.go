//go:build unix

package sockets

import "syscall"

// errnoResults is Chrome's generic mapping for POSIX systems.
var errnoResults = map[syscall.Errno]Result{
	syscall.ECANCELED:     Aborted,
	syscall.EINVAL:        InvalidArgument,
	syscall.E2BIG:         InvalidArgument,
	syscall.EFAULT:        InvalidArgument,
	syscall.ENODEV:        InvalidArgument,
	syscall.EBADF:         InvalidHandle,
	syscall.ETIMEDOUT:     TimedOut,
	syscall.EACCES:        AccessDenied,
	syscall.EPERM:         AccessDenied,
	syscall.EROFS:         AccessDenied,
	syscall.ENOSYS:        NotImplemented,
	syscall.EOPNOTSUPP:    NotImplemented,
	syscall.ENOPROTOOPT:   NotImplemented,
	syscall.EMFILE:        InsufficientResources,
	syscall.ENFILE:        InsufficientResources,
	syscall.EBUSY:         InsufficientResources,
	syscall.EDEADLK:       InsufficientResources,
	syscall.ENOLCK:        InsufficientResources,
	syscall.EUSERS:        InsufficientResources,
	syscall.ENOMEM:        OutOfMemory,
	syscall.ENOTCONN:      SocketNotConnected,
	syscall.EISCONN:       SocketIsConnected,
	syscall.ECONNRESET:    ConnectionReset,
	syscall.ENETRESET:     ConnectionReset,
	syscall.EPIPE:         ConnectionReset,
	syscall.ECONNREFUSED:  ConnectionRefused,
	syscall.ECONNABORTED:  ConnectionAborted,
	syscall.ENETDOWN:      InternetDisconnected,
	syscall.EADDRNOTAVAIL: AddressInvalid,
	syscall.EHOSTUNREACH:  AddressUnreachable,
	syscall.ENETUNREACH:   AddressUnreachable,
	syscall.EHOSTDOWN:     AddressUnreachable,
	syscall.EAFNOSUPPORT:  AddressUnreachable,
	syscall.EMSGSIZE:      MessageTooBig,
	syscall.EADDRINUSE:    AddressInUse,
	syscall.ENOBUFS:       NoBufferSpace,
}
