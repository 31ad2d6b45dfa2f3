#!/usr/bin/env bash
# Runs every go:generate whose input is in the repository, and fails when a
# file comes out otherwise than it stands. Those that read other people's data
# name it by a variable ($IAM_DATA), and are run by whoever brings new data.
set -euo pipefail
cd "$(dirname "$0")/.."

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
snapshot() { find . -type f -not -path './.git/*' -not -path './bin/*' -not -path '*/node_modules/*' -not -path './web/dist/*' -print0 | sort -z | xargs -0 sha256sum; }

snapshot >"$before/sums"
while IFS=: read -r file line _; do
	echo "$file: $(sed -n "${line}s,^//go:generate ,,p" "$file")"
	go generate "$file"
done < <(grep -rn --include='*.go' --exclude-dir=node_modules '^//go:generate ' . | grep -v '\$')
snapshot >"$before/after"
diff "$before/sums" "$before/after" || { echo "Those files are not what go generate makes: commit what it made."; exit 1; }
