#!/usr/bin/env bash
# Installs what a folder's lock file names, unless that is there already:
# modules.sh FOLDER WHAT. npm keeps what it installed in
# node_modules/.package-lock.json.
set -euo pipefail
cd "$(dirname "$0")/../$1"

if [ node_modules/.package-lock.json -nt package-lock.json ]; then
	exit 0
fi
echo "Installing $2"
# Browsers come from the system, not by npm.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
install() { npm ci --prefer-offline --no-audit --no-fund --no-update-notifier --loglevel=error; }
# Registries fail at times.
install || { echo "Once more: npm ci"; install; }
