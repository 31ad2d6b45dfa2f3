package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"iamd/server"
)

// greet tells where the doors are, and on the first start the root user's key and
// password as far as they were made up; later where the key still lies.
func greet(w io.Writer, first *server.Credentials, given server.Root, file, console string, at server.Addresses) {
	fmt.Fprintf(w, "AWS APIs  %s\n", secured(at, at.API))
	if at.Gateway != nil {
		fmt.Fprintf(w, "Gateway   %s\n", secured(at, at.Gateway))
	}
	if at.TLS != nil {
		greetTLS(w, at, filepath.Dir(file))
	}
	if at.Containers != nil {
		fmt.Fprintf(w, "Tasks     %s\n", address(at.Containers))
	}
	if at.Metadata != nil {
		fmt.Fprintf(w, "Metadata  %s\n", address(at.Metadata))
	}
	greetProxies(w, at)
	greetMetrics(w, at)
	printf(w, "Console   %s\n", console)
	if _, err := os.Stat(file); err == nil && first == nil {
		fmt.Fprintf(w, "Root key  %s\n", file)
	}
	if first != nil {
		greetRoot(w, first, given, console, secured(at, at.API))
	}
}

// greetRoot prints what a first start made up, as nobody knows it yet. What was
// given is somebody's secret, who may not want it where this is kept.
func greetRoot(w io.Writer, first *server.Credentials, given server.Root, console, api string) {
	shown, secret := "shown this once", "export AWS_SECRET_ACCESS_KEY="+first.SecretAccessKey
	if given.SecretAccessKey != "" {
		shown, secret = "with the secret that was given", "# AWS_SECRET_ACCESS_KEY is that of IAMD_ROOT_SECRET_ACCESS_KEY"
	}
	fmt.Fprintf(w, "\nThis is the first start. The root user's access key, %s:\n\n"+
		"  export AWS_ACCESS_KEY_ID=%s\n  %s\n  export AWS_ENDPOINT_URL=%s\n\n"+
		"Account %s. The key is also in %s, which only you can read.\n",
		shown, first.AccessKeyID, secret, api, first.AccountID, first.File)
	shown, password := "shown this once too", first.Password
	switch {
	case given.Password != "":
		shown, password = "with the password that was given", "that of IAMD_ROOT_PASSWORD"
	case given.SecretAccessKey != "":
		shown = "shown this once"
	}
	printf(w, "\nThe root user's sign-in to the console, %s:\n\n"+
		"  %s\n  Email     %s\n  Password  %s\n\nIt is also in %s, which only you can read.\n",
		shown, console, first.Email, password, first.ConsoleFile)
}

func address(a net.Addr) string { return "http://" + a.String() }

// secured is the address of a door that answers by TLS if a certificate is configured.
func secured(at server.Addresses, a net.Addr) string {
	if at.Secure {
		return "https://" + a.String()
	}
	return address(a)
}
