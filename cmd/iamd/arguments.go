package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// onlyKnown lets each command that only holds others refuse what is none of them.
// By itself cobra shows help then, and a typo would look like success. Without
// any argument it shows help.
func onlyKnown(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		onlyKnown(sub)
	}
	if cmd.HasSubCommands() {
		cmd.Args = knownCommand
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		cmd.DisableFlagsInUseLine = true
		cmd.SuggestionsMinimumDistance = 2
	}
}

func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("unknown command %q of %s. Did you mean %s?", args[0], cmd.CommandPath(), strings.Join(near, " or "))
	}
	return usagef("unknown command %q of %s", args[0], cmd.CommandPath())
}

// noArguments is for commands that are told nothing, or everything by flags.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("what is %q? %s takes flags only", args[0], cmd.CommandPath())
}
