package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"postern/emulator"
)

func newTrust() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "trust",
		Short: "Say where the local CA is and how to trust it",
		Long: `Postern serves HTTPS on the same port with certificates of a certificate authority of its
own, made on first start. This verb says where its certificate is and how to make tools and
browsers on this machine trust it. It changes nothing itself.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := c.health(cmd.Context())
			if err != nil {
				return err
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"path": h.CAPath, "url": c.endpoint + "/_postern/ca.pem"})
			}
			fmt.Fprint(cmd.OutOrStdout(), trustAdvice(h, c.endpoint, runtime.GOOS))
			return nil
		},
	}
	c.addTo(cmd, true)
	return cmd
}

func trustAdvice(h emulator.Health, endpoint, goos string) string {
	path, advice := h.CAPath, ""
	if path == "" {
		path = "postern-ca.pem"
		advice = fmt.Sprintf("The state is in memory, so the CA lasts until the server stops. Fetch its certificate first:\n  curl -o %s %s/_postern/ca.pem\n\n", path, endpoint)
	}
	system := map[string]string{
		"linux":   fmt.Sprintf("  sudo cp %s /usr/local/share/ca-certificates/postern.crt && sudo update-ca-certificates", path),
		"darwin":  fmt.Sprintf("  sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain %s", path),
		"windows": fmt.Sprintf("  certutil -addstore -user Root %s", path),
	}[goos]
	if system == "" {
		system = "  add " + path + " to the system's trust store"
	}
	return advice + fmt.Sprintf(`CA certificate: %s

For one program:
  AWS CLI, boto3   export AWS_CA_BUNDLE=%s
  node             export NODE_EXTRA_CA_CERTS=%s
  curl             curl --cacert %s

For the whole machine:
%s
`, path, path, path, path, system)
}
