# Read by the other scripts (". tools/common.sh"): where they are, and where compiled things go.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the checkout, so that a fresh one finds the compiled dependencies again: SurrealDB alone
# takes many minutes.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/target}"
LATCHKEY_BINARY="$CARGO_TARGET_DIR/release/latchkey"
# Starts it for tests and waits until it listens (testkit/src/main.rs); built beside it.
LATCHKEY_TESTKIT="$CARGO_TARGET_DIR/release/latchkey-testkit"
# Programs that look at the sources (tools/setup lint). Beside what they look at, not in it: `make
# clean` leaves them.
LATCHKEY_TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/tools"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The shape of the sources (desk/tests/structure.rs), which needs the compiler and nothing else.
structure() { # structure [NAME]...: all of its tests, or those with such names
    local program="$CARGO_TARGET_DIR/tools/structure"
    mkdir -p "${program%/*}" &&
        rustc --test --edition 2024 -D warnings desk/tests/structure.rs -o "$program" &&
        CARGO_MANIFEST_DIR="$PWD/desk" "$program" --quiet "$@"
}

# A SurrealDB server for tests.
SURREAL_BINARY="$CARGO_TARGET_DIR/surreal/release/surreal"
build_surreal() {
    say "building the SurrealDB server for the tests over ws:// (a quarter of an hour, once)"
    cargo build --release --manifest-path tools/surreal/Cargo.toml \
        --target-dir "$CARGO_TARGET_DIR/surreal"
}

# As root, or by sudo.
as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

apt_updated=
apt_install() { # apt_install WHY PACKAGE...
    local why="$1"
    shift
    command -v apt-get >/dev/null ||
        die "missing: $*, for $why. Install it by your system's own means."
    say "installing $* ($why)"
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || die "as root, run: apt-get install --no-install-recommends $*"
        say "sudo is asked for to install $*"
    fi
    if [[ -z $apt_updated ]]; then
        as_root apt-get update -qq </dev/null >/dev/null ||
            say "apt-get update failed; trying with the lists at hand"
        apt_updated=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null
}

npm_packages() { # npm_packages FOLDER WHY
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed" && return
    say "installing npm packages in $1/node_modules ($2)"
    npm --prefix "$1" ci --no-audit --no-fund --loglevel=error </dev/null >&2
    cp "$1/package-lock.json" "$1/node_modules/.installed"
}
# Whom the tests of the directories log in by.
open_id_provider() {
    npm_packages integrations/directory/provider "a real OpenID provider to log in by"
}

free_port() {
    node -e '
        const server = require("net").createServer().listen(0, "127.0.0.1", () => {
            console.log(server.address().port);
            server.close();
        });'
}

# The browser for the tests: CHROMIUM where that is set, else the system's (without a window of its
# own where there is that: tools/chromium.mjs), else the one that Playwright has installed.
find_chromium() {
    local own
    if [[ -n ${CHROMIUM:-} ]]; then echo "$CHROMIUM"; return; fi
    command -v chromium-headless-shell || command -v chromium || command -v google-chrome && return
    own="$(cd end2end && node -p 'require("@playwright/test").chromium.executablePath()' \
        2>/dev/null)" && [[ -x $own ]] && echo "$own"
}

# Firefox as distributions build it: FIREFOX where that is set, else the system's.
find_firefox() {
    if [[ -n ${FIREFOX:-} ]]; then echo "$FIREFOX"; return; fi
    command -v firefox-esr || command -v firefox
}
