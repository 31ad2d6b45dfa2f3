// Command iamd serves AWS Identity and Access Management and the Security Token
// Service, guards APIs with them, and sets them up.
//
//	iamd serve            serve the AWS APIs and the gateway
//	iamd health           ask a running server whether it takes requests
//	iamd account create   make an account and show its root key, once
//	iamd account list     list the accounts
//	iamd export           write accounts to a file
//	iamd import           bring them from there, or from an account of AWS
//	iamd keyring init     make the keys that seal secrets
//	iamd keyring list     list them, and what each still holds
//	iamd keyring rotate   put a new one in the place of the one that seals
//	iamd store copy       move all that one store holds to another
//	iamd store backup     write the embedded store to a file while it is in use
//	iamd setup sp-api     make the user, role and policies that Selling Partner
//	                      API developers need, in iamd or in AWS itself
//	iamd policy check     find faults in policies, as IAM Access Analyzer does
//	iamd policy simulate  tell which requests a set of policies allows
//	iamd policy explain   tell why a request is allowed or denied
//	iamd policy test      run scenarios of the policy language
//	iamd version          tell which build this is
//	iamd completion       write a completion script for a shell
//
// Each subcommand has a file of its own. Settings come from a YAML file, then
// the environment (IAMD_ and the key in capitals), then flags, the last one
// ruling; keys that do not exist are refused (config.go). What others wrote is
// quoted before it reaches a terminal (output.go). Secrets come by file
// or environment only.
//
// It exits with 0, with 1 when something failed, or with 2 when it was called
// or configured wrongly. It decides no request itself: the way of a
// value is flag, file or environment → config → server.Config → server. The policy
// commands ask the policy engine about files, which admits nobody.
//
// It may import server, gateway, keyring and iam for their configuration, policy,
// policy/scenario and analyzer for the policy commands, and the AWS SDK for setup,
// which speaks to iamd as to AWS:
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html
package main
