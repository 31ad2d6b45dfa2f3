#!/usr/bin/env bash
# Installs what the tests need and is not there: on Debian and its kin the AWS
# CLI, a C compiler, which Go's race detector is linked with, Node with npm,
# Chromium, nginx, PostgreSQL, etcd and iproute2, by which networks are cut;
# then the SDK for JavaScript and what the console is built and tested with, as
# their lock files have it. Changes nothing when all of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# twice does a thing once more when it fails, as mirrors and registries do.
twice() { "$@" || { echo "Once more: $*"; "$@"; }; }

missing=()
command -v aws >/dev/null || missing+=(awscli)
command -v "${CC:-gcc}" >/dev/null || missing+=(gcc libc6-dev)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v chromium >/dev/null || missing+=(chromium)
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx)
command -v etcd >/dev/null || missing+=(etcd-server)
command -v ip >/dev/null || [ -x /usr/sbin/ip ] || [ "$(uname)" != Linux ] || missing+=(iproute2)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)

install() {
	"${as_root[@]}" apt-get update -q &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

if [ ${#missing[@]} -gt 0 ]; then
	if ! command -v apt-get >/dev/null; then
		echo "The tests need ${missing[*]}, and there is no apt-get here: install them by hand." >&2
		exit 1
	fi
	as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || { echo "The tests need ${missing[*]}: install them as root." >&2; exit 1; }
		as_root=(sudo)
	fi
	echo "Installing ${missing[*]}"
	twice install
fi

scripts/modules.sh e2e/js "the SDK for JavaScript"
scripts/modules.sh web "the console's libraries"
