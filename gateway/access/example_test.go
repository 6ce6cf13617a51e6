package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/socketgate/socketgate/gateway/access"
)

// A page asks, the user approves, and the page's session may do what was approved.
func Example() {
	control, err := access.NewControl(access.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := control.Visit("https://shop.example", false, "127.0.0.1:50000")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = control.Admit(page, "", access.DefaultMaxSessions)
	fmt.Println(err)

	manifest, err := access.ParseManifest([]byte(`{"tcpServer": {"listen": "127.0.0.1:*"}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var credential string
	request, err := control.Ask(page, "Shop", manifest, func(a access.Answer) { credential = a.Credential })
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, permission := range manifest.Permissions() {
		fmt.Println(permission.Text)
	}
	if err := control.Approve(request.Code(), access.For30Days); err != nil {
		fmt.Println(err)
		return
	}

	lease, err := control.Admit(page, credential, access.DefaultMaxSessions)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(lease.Policy().Listen("127.0.0.1", netip.MustParseAddrPort("127.0.0.1:8000")))
	fmt.Println(lease.Policy().Connect("example.com", 443))
	lease.End()
	fmt.Println(errors.Join(control.Close(context.Background())))
	// Output:
	// access: origin not permitted: origin-unknown
	// Accept connections on this computer, any port
	// <nil>
	// sockets: Does not have permission
	// <nil>
}
