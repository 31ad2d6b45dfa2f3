// Package fleet runs what is measured: iamd as it is shipped, one process a node,
// on each of its stores, and clients that cost little beside it.
//
// It answers: where is an empty store of this kind (Open, Place), run a node there
// (Start), what does it use (Usage), make accounts in it (NewWorld), ask it (Line,
// Turn), what machine is this (Machine).
//
// The way of one request: Sign makes its bytes once; a Line writes them to a
// connection of its own, and reads the answer's status and as much as its header
// says. Clients of net/http would take more of the machine than the server does.
//
// It imports the packages that run PostgreSQL and etcd for iamd's own tests, iamd's
// sigv4 and server (for the form of credentials), and knows nothing of what is measured.
package fleet
