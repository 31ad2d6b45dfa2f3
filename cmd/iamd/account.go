package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func accountCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Make and list accounts, and give a root user a new password",
		Long: "Make and list accounts, and give a root user a new password: through the server that runs\n" +
			"on the data directory, or, when none does, on the data directory itself.",
	}
	cmd.AddCommand(accountCreateCommand(), accountListCommand(), accountResetPasswordCommand())
	return cmd
}

func accountCreateCommand() *cobra.Command {
	var f flags
	var email string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an account and show its root user's key and password, once",
		Long: "Make an account and show its root user's key, once; and with --email the password too, by\n" +
			"which the root user signs in to the console.",
		Example: "  iamd account create staging --email aws-staging@example.com",
		Args:    oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return asOperator(cmd, &f, first, func(a operator) error {
				c, err := a.CreateAccount(cmd.Context(), args[0], email)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), map[string]string{
						"id": c.AccountID, "name": c.AccountName, "email": c.Email,
						"accessKeyId": c.AccessKeyID, "secretAccessKey": c.SecretAccessKey, "password": c.Password,
					})
				}
				if err := printf(cmd.OutOrStdout(), "Account            %s\nAccess key ID      %s\nSecret access key  %s\n",
					c.AccountID, c.AccessKeyID, c.SecretAccessKey); err != nil {
					return err
				}
				if c.Password == "" {
					return printf(cmd.OutOrStdout(), "The secret is shown this once. Without --email the root user has no password for the console.\n")
				}
				return printf(cmd.OutOrStdout(), "Email              %s\nPassword           %s\n"+
					"The secret and the password are shown this once.\n", c.Email, c.Password)
			})
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().StringVar(&email, "email", "", "e-mail address of the root user, who signs in to the console by it; no other account may have it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

func oneName(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usagef("what is the account to be called? iamd account create NAME")
	case 1:
		return nil
	}
	return usagef("an account has one name, not %d: one with spaces must be quoted", len(args))
}

func accountListCommand() *cobra.Command {
	var f flags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return asOperator(cmd, &f, existing, func(a operator) error {
				list, err := a.ListAccounts(cmd.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), list)
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "ACCOUNT\tNAME\tEMAIL\tCREATED")
				for _, a := range list {
					printf(w, "%s\t%s\t%s\t%s\n", a.ID, a.Name, a.Email, a.Created.Format("2006-01-02"))
				}
				return w.Flush()
			})
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

func accountResetPasswordCommand() *cobra.Command {
	var f flags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reset-password ACCOUNT",
		Short: "Give an account's root user a new password and show it, once",
		Long: "Give the root user of an account, named by its number, a new password for the console and\n" +
			"show it, once. The root user's console sessions end. Access keys and MFA devices stay.",
		Example: "  iamd account reset-password 123456789012",
		Args:    oneAccount,
		RunE: func(cmd *cobra.Command, args []string) error {
			return asOperator(cmd, &f, existing, func(a operator) error {
				c, err := a.ResetRootPassword(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), map[string]string{
						"id": c.AccountID, "name": c.AccountName, "email": c.Email, "password": c.Password,
					})
				}
				return printf(cmd.OutOrStdout(), "Account   %s\nEmail     %s\nPassword  %s\nThe password is shown this once.\n",
					c.AccountID, c.Email, c.Password)
			})
		},
	}
	f.bind(cmd.Flags(), false)
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

func oneAccount(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("whose password? iamd account reset-password ACCOUNT, an account's number")
	}
	return nil
}
