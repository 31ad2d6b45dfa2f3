#!/usr/bin/env bash
# Builds the console, if its sources are newer than what was built, into
# web/dist, from where the Go compiler takes it into the program. Texts are kept
# compressed there, as they are sent.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
	echo "There is no npm here, and so this program gets no console. With Node.js 20 or newer, make build puts it in." >&2
	exit 0
fi
scripts/modules.sh web "the console's libraries"

cd web
built=dist/index.html.gz
if [ -f "$built" ] && [ -z "$(find index.html vite.config.ts help-texts.ts tsconfig.json package-lock.json src public ../scripts/console.sh -newer "$built" -print -quit)" ]; then
	exit 0
fi
echo "Building the console"
new=node_modules/.console
trap 'rm -rf "$new"' EXIT
npx --no-install vite build --outDir "$new" --emptyOutDir --logLevel warn
# Under which licences the libraries in it are.
npm ls --omit=dev --all --parseable 2>/dev/null | tail -n +2 | sort -u | while read -r package; do
	printf '\n==== %s ====\n' "${package#*node_modules/}"
	find "$package" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'notice*' \) -exec cat {} +
done >"$new/licenses.txt"
find "$new" -type f \( -name '*.html' -o -name '*.js' -o -name '*.css' -o -name '*.json' -o -name '*.txt' -o -name '*.svg' \) -exec gzip -9n {} +
# What was built before goes; the file that keeps the folder in the repository stays.
find dist -mindepth 1 ! -name .gitkeep -delete
cp -R "$new"/. dist/
echo "The console is $(find dist -type f | wc -l) files, $(du -sk dist | cut -f1) KB"
