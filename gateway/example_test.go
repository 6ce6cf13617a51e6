package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/socketgate/socketgate/gateway"
)

// A gateway on a free port, asked for the client script.
func Example() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := gateway.New(gateway.Config{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()

	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + ln.Addr().String() + "/socketgate.js")
	if err != nil {
		fmt.Println(err)
		return
	}
	script, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	fmt.Println(response.Status, response.Header.Get("Content-Type"), len(script) > 0)

	fmt.Println(server.Shutdown(context.Background()), <-served)
	// Output:
	// 200 OK text/javascript; charset=utf-8 true
	// <nil> <nil>
}
