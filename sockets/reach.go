package sockets

import (
	"net"
	"net/netip"
)

// Reach says where an address leads, as far as a user is concerned who permits it.
type Reach uint8

// Where an address leads.
const (
	// Nowhere: multicast, broadcast and reserved addresses, which no grant permits.
	Nowhere Reach = iota
	// ThisComputer is loopback, the unspecified address, and every address of the computer's own.
	ThisComputer
	// NearBy is a private network, or one that an interface of this computer is in.
	NearBy
	// Internet is all the rest.
	Internet
)

// nowhere are blocks of the special-purpose address registries (RFC 6890) that lead to no host a page
// may want.
var nowhere = prefixes(
	"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"192.88.99.0/24", "240.0.0.0/4", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
)

// nearBy are private blocks beside those that netip knows: shared address space of providers (RFC 6598)
// and the old site-local addresses (RFC 3879).
var nearBy = prefixes("100.64.0.0/10", "fec0::/10")

// Blocks of IPv6 whose addresses stand for one of IPv4.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	sixToFour  = netip.MustParsePrefix("2002::/16")    // RFC 3056
	compatible = netip.MustParsePrefix("::/96")        // RFC 4291, section 2.5.5.1
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// ReachOf tells where addr leads. Beyond loopback it asks the system for the addresses of this computer.
func ReachOf(addr netip.Addr) Reach {
	return reachOf(addr, ownPrefixes)
}

// reachOf is ReachOf for a computer whose interfaces have the addresses that own returns.
func reachOf(addr netip.Addr, own func() []netip.Prefix) Reach {
	addr = effective(addr)
	switch {
	case !addr.IsValid(), addr.IsMulticast():
		return Nowhere
	case addr.IsLoopback(), addr.IsUnspecified():
		return ThisComputer
	}
	onLink := false
	for _, prefix := range own() {
		if prefix.Addr() == addr {
			return ThisComputer
		}
		onLink = onLink || prefix.Contains(addr)
	}
	switch {
	case contains(nowhere, addr):
		return Nowhere
	case onLink, addr.IsPrivate(), addr.IsLinkLocalUnicast(), contains(nearBy, addr):
		return NearBy
	}
	return Internet
}

// effective returns the IPv4 address that an IPv6 one stands for, or addr itself.
func effective(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if !addr.Is6() || addr == netip.IPv6Loopback() || addr == netip.IPv6Unspecified() {
		return addr
	}
	b := addr.As16()
	switch {
	case nat64.Contains(addr), compatible.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToFour.Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return addr
}

// ownPrefixes are the addresses of this computer's interfaces, each with the network it is in.
func ownPrefixes() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // the registries still tell private from public
	}
	var list []netip.Prefix
	for _, addr := range addrs {
		ipNet, ok := addr.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(ipNet.IP)
		if !ok {
			continue
		}
		ones, _ := ipNet.Mask.Size()
		list = append(list, netip.PrefixFrom(ip.Unmap(), ones))
	}
	return list
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for _, prefix := range list {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
