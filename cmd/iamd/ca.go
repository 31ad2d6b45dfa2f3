package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"iamd/server"
)

func caCommand() *cobra.Command {
	var (
		f   flags
		how bool
	)
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Print the certificate of the local authority, which TLS clients must trust",
		Long: "Print the certificate of the local authority, which signs the certificates of --tls-listen, and\n" +
			"make the authority if it is not there yet. It can vouch for host names of AWS and of the\n" +
			"Selling Partner API only, and for this machine's; its key, DATA-DIR/ca-key.pem, is yours to keep.",
		Example: "  iamd ca > iamd-ca.pem\n  iamd ca --how",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.config()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
				return err
			}
			a, err := server.Authority(c.DataDir, nil)
			if err != nil {
				return err
			}
			file, err := filepath.Abs(server.AuthorityFile(c.DataDir))
			if err != nil {
				return err
			}
			if how {
				return trust(cmd.OutOrStdout(), file)
			}
			printf(cmd.ErrOrStderr(), "%s: how to trust it in curl, Go, Node, Python and Java: iamd ca --how\n", file)
			_, err = cmd.OutOrStdout().Write(a.PEM())
			return err
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().BoolVar(&how, "how", false, "say how to trust it in curl, Go, Node, Python, Java and the system, and print no certificate")
	return cmd
}

// trust tells how to trust the certificate in file, by lines that can be pasted
// into a shell.
func trust(w io.Writer, file string) error {
	path := shellPath(file)
	return printf(w, `The certificate is %[1]s.

For one program, which is enough for most tests:

  curl             curl --cacert %[2]s …
  AWS CLI, boto3   export AWS_CA_BUNDLE=%[2]s
  Python requests  export REQUESTS_CA_BUNDLE=%[2]s
  Python's own     export SSL_CERT_FILE=%[2]s
  Go on Linux      export SSL_CERT_FILE=%[2]s
  Node             export NODE_EXTRA_CA_CERTS=%[2]s
  PHP              php -d openssl.cafile=%[2]s -d curl.cainfo=%[2]s …
  Java             keytool -importcert -noprompt -alias iamd -file %[2]s -keystore iamd.p12 -storetype PKCS12 -storepass changeit
                   java -Djavax.net.ssl.trustStore=iamd.p12 -Djavax.net.ssl.trustStorePassword=changeit …

All but NODE_EXTRA_CA_CERTS take the place of the authorities that the program trusts
otherwise: one that must reach others too is given a copy of the system's bundle, with this
certificate appended to it.

For everything on this machine:

  Debian, Ubuntu   sudo cp %[2]s /usr/local/share/ca-certificates/iamd.crt && sudo update-ca-certificates
  Fedora, RHEL     sudo cp %[2]s /etc/pki/ca-trust/source/anchors/iamd.pem && sudo update-ca-trust
  macOS            sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain %[2]s

The authority can vouch for names below amazonaws.com, amazonaws.com.cn, api.aws, localhost,
test and internal, for the hosts of Login with Amazon and of the Selling Partner API, and
for no other. Who has ca-key.pem beside it can pose as these to whoever trusts it.
`, file, path)
}

// shellPath writes a path as a shell takes it.
func shellPath(path string) string {
	if strings.Trim(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
