// Package access decides who may use a gateway, and for what.
//
// # From a stranger to a session
//
// A request says where it comes from ([ParseOrigin]) or shows a program's token. [Control.Visit] tells how
// the visitor stands: a blocked one is turned away, some need no credential (the gateway's own page,
// pages of this machine in development, origins of a [PolicyFile]), all others need a grant. A stranger waits in the
// lobby ([Control.Enter]), where it may ask ([Control.Ask]) for what it wants in the grammar of a Chrome App's manifest
// ([Manifest]). The user sees the origin and each permission as a sentence ([Manifest.Permissions]) and
// answers ([Control.Approve], [Control.Deny]). The page is given a credential, shows it in
// [Control.Admit], and holds a [Lease] as long as its session lives.
//
// A lease's policy is asked at each act and decides by what is granted at that moment. [Control.Revoke]
// takes the grant away and tells every lease.
//
// # What is kept
//
// Grants are kept in a [Folder] of the user's, with hashes of their credentials only. Grants for "this
// session" and everything about requests are in memory. Each decision is a line of the [Audit].
//
// # Ownership and locks
//
// Control owns one goroutine, which writes what has changed to the folder; [Control.Close] waits for it. An Audit
// owns one as well. Control.mu is a leaf: it is taken with locks of package sockets held, and
// nothing is called with it held but the Audit, which only queues. Callbacks (answers to requests, revocations) are
// made without it.
package access
