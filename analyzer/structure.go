package analyzer

// structureChecks are those of what stands where.
var structureChecks = []func(*document){
	missingStatement,
}

// missingStatement: a policy without a statement does nothing.
func missingStatement(d *document) {
	for i := range d.members {
		if d.members[i].key == "Statement" {
			return
		}
	}
	d.report("MISSING_STATEMENT", []place{d.root})
}
