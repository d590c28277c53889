# Read by the other scripts (". tools/common.sh"): where they are, and where compiled things go.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the checkout, so that a fresh one finds the compiled dependencies again: SurrealDB alone takes many minutes.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/target}"
LATCHKEY_BINARY="$CARGO_TARGET_DIR/release/latchkey"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# The browser for the tests: CHROMIUM where that is set, else the system's, else the one that Playwright has installed.
find_chromium() {
    local own
    if [[ -n ${CHROMIUM:-} ]]; then echo "$CHROMIUM"; return; fi
    command -v chromium || command -v google-chrome && return
    own="$(cd end2end && node -p 'require("@playwright/test").chromium.executablePath()' 2>/dev/null)" && [[ -x $own ]] && echo "$own"
}
