package sockets

import (
	"net/netip"
	"testing"
)

func TestReach(t *testing.T) {
	own := func() []netip.Prefix {
		return []netip.Prefix{netip.MustParsePrefix("192.168.7.5/24"), netip.MustParsePrefix("2a00:1:2:3::5/64"), netip.MustParsePrefix("203.0.113.9/28")}
	}
	names := [...]string{Nowhere: "nowhere", ThisComputer: "this computer", NearBy: "near by", Internet: "internet"}
	for want, addrs := range [][]string{
		ThisComputer: {
			"127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::127.0.0.1",
			"64:ff9b::7f00:1", "2002:7f00:1::1", "192.168.7.5", "::ffff:192.168.7.5", "2a00:1:2:3::5", "203.0.113.9",
		},
		NearBy: {
			"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.7.6", "169.254.1.1", "100.64.0.1", "100.127.255.255",
			"fd00::1", "fc00::1", "fe80::1", "fec0::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2a00:1:2:3::6", "169.254.169.254",
		},
		Internet: {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"},
		Nowhere: {
			"224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "0.1.2.3", "192.0.2.1", "198.18.0.1", "203.0.113.99", "ff02::1",
			"2001:db8::1", "2001::1", "64:ff9b::e000:1", "2002:e000:1::",
		},
	} {
		for _, text := range addrs {
			if got := reachOf(netip.MustParseAddr(text), own); got != Reach(want) {
				t.Errorf("%s leads to %s, want %s", text, names[got], names[want])
			}
		}
	}
	if reachOf(netip.Addr{}, own) != Nowhere {
		t.Error("no address leads somewhere")
	}
}
