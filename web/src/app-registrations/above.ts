/** The pages above those of one application. */
export const above: [string, string][] = [["App registrations", "/app-registrations"]];
