package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	started := false
	root := rootCommand()
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	printError(os.Stderr, err)
	// What fails before a command runs is how it was called.
	if !started || errors.As(err, new(*usageError)) {
		fmt.Fprintf(os.Stderr, "See %q.\n", cmd.CommandPath()+" --help")
		return exitUsage
	}
	return exitFailed
}

// usageError is a fault in how iamd was called or configured.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	for i, a := range args {
		if _, ok := a.(error); !ok { // %w wants those as they are; printError looks at them
			args[i] = guarded(a)
		}
	}
	return &usageError{fmt.Errorf(format, args...)}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "iamd",
		Short: "AWS identity and access management, on your own machine",
		Long: "iamd is AWS Identity and Access Management and the Security Token Service as one\n" +
			"program, with a gateway that guards your APIs by them.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(serveCommand(), healthCommand(), accountCommand(), setupCommand(), appCommand(), storeCommand(), caCommand(), exportCommand(), importCommand(), keyringCommand(), policyCommand(), catalogCommand(), versionCommand())
	root.InitDefaultCompletionCmd()
	onlyKnown(root)
	return root
}
