package sockets

import "syscall"

// errnoResults is Chrome's mapping for Windows, by Winsock error numbers.
var errnoResults = map[syscall.Errno]Result{
	syscall.ERROR_OPERATION_ABORTED: Aborted,
	10022:                           InvalidArgument,       // WSAEINVAL
	10014:                           InvalidArgument,       // WSAEFAULT
	10009:                           InvalidHandle,         // WSAEBADF
	10038:                           InvalidHandle,         // WSAENOTSOCK
	10060:                           TimedOut,              // WSAETIMEDOUT
	10013:                           AccessDenied,          // WSAEACCES
	10045:                           NotImplemented,        // WSAEOPNOTSUPP
	10042:                           NotImplemented,        // WSAENOPROTOOPT
	10024:                           InsufficientResources, // WSAEMFILE
	8:                               OutOfMemory,           // ERROR_NOT_ENOUGH_MEMORY
	10057:                           SocketNotConnected,    // WSAENOTCONN
	10056:                           SocketIsConnected,     // WSAEISCONN
	10054:                           ConnectionReset,       // WSAECONNRESET
	10052:                           ConnectionReset,       // WSAENETRESET
	10058:                           ConnectionReset,       // WSAESHUTDOWN
	10061:                           ConnectionRefused,     // WSAECONNREFUSED
	10053:                           ConnectionAborted,     // WSAECONNABORTED
	10050:                           InternetDisconnected,  // WSAENETDOWN
	10049:                           AddressInvalid,        // WSAEADDRNOTAVAIL
	10051:                           AddressUnreachable,    // WSAENETUNREACH
	10065:                           AddressUnreachable,    // WSAEHOSTUNREACH
	10047:                           AddressUnreachable,    // WSAEAFNOSUPPORT
	10040:                           MessageTooBig,         // WSAEMSGSIZE
	10048:                           AddressInUse,          // WSAEADDRINUSE
	10055:                           NoBufferSpace,         // WSAENOBUFS
}
