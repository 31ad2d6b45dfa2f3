// Package portable is the file form of accounts and organizations: what iamd
// export writes and iamd import reads, and what AWS's
// GetAccountAuthorizationDetails tells, as the AWS CLI prints it.
//
// An account in an export has the members that AWS tells of one, under AWS's
// names, and beside them those that AWS has in other answers; so both forms are
// read by the same code. A Writer writes accounts one after the other; a Reader
// gives them one after the other, and keeps no more than one in memory, of at
// most MaxAccount bytes. What it gives was held to AWS's limits of names, paths and
// lengths, as the parameters of a call are; ARNs must be those of the entity in
// that account. The rules about the rest are iam's, org's and lwa's.
//
// It never writes a secret that was not asked for, and those only as they are
// kept: sealed by the keyring, or hashed. It changes nothing: whoever reads gives
// what was read to the drafts.
//
// One value's way: iam.Account → Writer.Account → a file → Reader.Next →
// Account.Import → iam.Draft.Import.
//
// It may import iam, org and lwa for what they keep, and wire for AWS's limits.
//
// Pages: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
package portable
