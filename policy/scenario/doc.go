// Package scenario reads folders of policy decisions, each with the answer that AWS's documentation or a recorded call gives,
// and holds engines to them: the one in iamd/policy, and any other that can be spoken to in lines of JSON.
//
// A folder holds txtar archives. Their format is plain data, described in docs/policy-scenarios.md: policy documents,
// principals, requests and expected decisions in JSON, with nothing in it that only iamd could read. Load is strict: an
// unknown or repeated field, a missing part of a request, a document that nobody uses, or a special case without a twin
// that decides otherwise is an error with its file and line, so that no case passes because nobody asked it.
//
// The way of a case: Load lays a file's defaults, a scenario and a case over each other, and makes the Case with its
// policy.Request and policy.Policies; Run asks policy.Decide and policy.Explain, holds their answer against what is wanted
// and against each other, and returns every difference as a sentence. For another engine, Lines writes the Case as one line,
// reads the answer, and Judge holds it against what is wanted.
//
// The package decides nothing itself, never changes a file, starts no process and holds no corpus. It imports the standard
// library, iamd/policy and iamd/policy/source. The pages that its cases come from are named in each of them.
package scenario
