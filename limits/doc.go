// Package limits bounds what costs much or can be guessed at, however many ask:
// tries at a password or a device, turns for work that takes long, such as
// hashing, how often a client or an account may call, how many connections there
// are, and how much of what they send is held. The API and the console have the same ones, so that whoever may guess a
// few times may not do it once at each door.
//
// It keeps everything in memory, within bounds of its own, knows no secret (only
// hashes of names for them) and decides nothing about rights.
//
// One value's way: a request → Rates.Take for its client, before anything is read →
// Rates.Take for its account. A guess → Tries.Begin (counted before it is looked at) → the
// comparison, within Turns.Do → Tries.Right or nothing.
//
// It may import iam, for AWS's words of refusal.
//
// Pages: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html (Throttling)
package limits
