package policy

// compileBools reads the values of Bool. Whether they may be variables is open: one is a value that can't be read.
func compileBools(values []string) flags { return compileFlags(values) }
