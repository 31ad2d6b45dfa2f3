#!/usr/bin/env bash
# Installs, on Debian and its kin, what the tests need and PATH does not have:
# the AWS CLI, and a C compiler, which Go's race detector is linked with.
# Changes nothing when all of it is there.
set -euo pipefail

missing=()
command -v aws >/dev/null || missing+=(awscli)
command -v "${CC:-gcc}" >/dev/null || missing+=(gcc libc6-dev)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "The tests need ${missing[*]}, and there is no apt-get here: install them by hand." >&2
	exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "The tests need ${missing[*]}: install them as root." >&2; exit 1; }
	as_root=(sudo)
fi

install() {
	"${as_root[@]}" apt-get update -q &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}
echo "Installing ${missing[*]}"
install || { echo "Once more, as mirrors fail at times."; install; }
