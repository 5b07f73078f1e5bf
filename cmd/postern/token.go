package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/emulator"
)

func newToken() *cobra.Command {
	var c client
	var in emulator.TokenRequest
	var claims []string
	var expires time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make a token that authorizers accept",
		Long: `Make a token of a user pool, or of another issuer, signed by Postern's own issuer. Authorizers
accept it where that issuer's keys are Postern's: those of every user pool are, unless the server
was started with another --issuer for it; others are with --issuer URL=local.

A token is an ID token, or an access token where scopes are given.`,
		Example: `  curl -H "Authorization: $(postern token --user-pool us-east-1_Abc)" $URL
  postern token --user-pool us-east-1_Abc --client-id app --username ada --groups admins
  postern token --user-pool us-east-1_Abc --scope pets/read --expires 5m
  postern token --issuer https://login.example.com/ --client-id app --claim level=7`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if in.UserPool == "" && in.Issuer == "" {
				return withHint(&usageError{errors.New("a token needs --user-pool or --issuer")}, "any user pool id will do: postern token --user-pool us-east-1_Abc")
			}
			if in.Claims, err = readClaims(claims); err != nil {
				return err
			}
			in.Expires = new(int64(expires / time.Second))
			var out struct {
				Token     string          `json:"token"`
				Issuer    string          `json:"issuer"`
				Algorithm string          `json:"algorithm"`
				Claims    json.RawMessage `json:"claims"`
			}
			if err := c.ask(cmd.Context(), http.MethodPost, "/_postern/token", in, &out); err != nil {
				return err
			}
			if c.json {
				return printJSON(cmd.OutOrStdout(), out)
			}
			fmt.Fprintln(cmd.OutOrStdout(), out.Token)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.endpoint, "endpoint", defaultEndpoint(), "the running server (POSTERN_ENDPOINT or AWS_ENDPOINT_URL)")
	f.BoolVar(&c.json, "json", false, "print JSON, with the claims")
	f.StringVar(&in.UserPool, "user-pool", "", "user pool the token is of: id or ARN")
	f.StringVar(&in.Issuer, "issuer", "", "URL of another issuer the token is of")
	f.StringVar(&in.ClientID, "client-id", "", "application: aud, or client_id of access tokens (default postern)")
	f.StringVar(&in.Username, "username", "", "user's name (default user)")
	f.StringVar(&in.Subject, "subject", "", "sub (default made of the user's name)")
	f.StringSliceVar(&in.Groups, "groups", nil, "groups of the user")
	f.StringSliceVar(&in.Scopes, "scope", nil, "scopes of an access token")
	f.StringVar(&in.Use, "use", "", "id or access (default access where there are scopes)")
	f.StringArrayVar(&claims, "claim", nil, "further claim, or one in place of what would be there: NAME=VALUE, the value in JSON or as text; null takes it away")
	f.DurationVar(&expires, "expires", time.Hour, "how long it is good; less than nothing makes an expired one")
	f.StringVar(&in.Algorithm, "algorithm", "", "RS256 or ES256 (default RS256)")
	return cmd
}

// readClaims takes values that are JSON as such and others as text.
func readClaims(pairs []string) (map[string]any, error) {
	claims := map[string]any{}
	for _, p := range pairs {
		name, text, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, &usageError{fmt.Errorf("--claim %q is not NAME=VALUE", p)}
		}
		claims[name] = text
		if json.Valid([]byte(text)) {
			claims[name] = json.RawMessage(text)
		}
	}
	return claims, nil
}
