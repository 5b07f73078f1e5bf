package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"postern/emulator"
)

func newDoctor() *cobra.Command {
	var listen, data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps Postern from working here, and how to mend it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir := data
			if dir == "" {
				var err error
				if dir, err = emulator.DefaultDataDir(); err != nil {
					return err
				}
			}
			checks := emulator.Examine(cmd.Context(), listen, dir)
			if asJSON {
				if err := printJSON(cmd.OutOrStdout(), checks); err != nil {
					return err
				}
			} else {
				printChecks(cmd.OutOrStdout(), checks)
			}
			for _, c := range checks {
				if c.Status == emulator.CheckFail {
					return errors.New("something has to be mended first")
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", fmt.Sprintf("127.0.0.1:%d", emulator.DefaultPort), "address the server would listen on")
	cmd.Flags().StringVar(&data, "data", os.Getenv("POSTERN_DATA"), "data directory the server would use")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printChecks(w io.Writer, checks []emulator.Check) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	defer t.Flush()
	for _, c := range checks {
		fmt.Fprintf(t, "%s\t%s\t%s\n", mark(w, c.Status), c.Name, c.Found)
		if c.Hint != "" {
			fmt.Fprintf(t, "\t\thint: %s\n", c.Hint)
		}
	}
}

// mark is a check's status, in colour on a terminal.
func mark(w io.Writer, status string) string {
	colour := map[string]string{emulator.CheckOK: "32", emulator.CheckNote: "33", emulator.CheckFail: "31"}[status]
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("NO_COLOR") != "" {
		return status
	}
	return "\x1b[" + colour + "m" + status + "\x1b[0m"
}
