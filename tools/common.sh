# Read by the other scripts (". tools/common.sh"): where they are, and where compiled things go.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the checkout, so that a fresh one finds the compiled dependencies again: SurrealDB alone
# takes many minutes.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/target}"
# What is passed on and what is measured is compiled for speed (profile `dist` in Cargo.toml); all
# else, tests above all, as `make build` does it, in half the time. LATCHKEY_PROFILE=release spares
# whoever only tries it the long build. Scripts that these start go by the same.
case "${0##*/}" in
    deb | container | tarball | package-files | release | bench | bench-scale | bench-mixed)
        : "${LATCHKEY_PROFILE:=dist}"
        ;;
    *) : "${LATCHKEY_PROFILE:=release}" ;;
esac
export LATCHKEY_PROFILE
LATCHKEY_BINARY="$CARGO_TARGET_DIR/$LATCHKEY_PROFILE/latchkey"
# Starts it for tests and waits until it listens (testkit/src/main.rs); built beside it.
LATCHKEY_TESTKIT="$CARGO_TARGET_DIR/$LATCHKEY_PROFILE/latchkey-testkit"
# Programs that look at the sources (tools/setup lint). Beside what they look at, not in it: `make
# clean` leaves them.
LATCHKEY_TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/tools"

say() { printf '== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

[[ $LATCHKEY_PROFILE == release || $LATCHKEY_PROFILE == dist ]] ||
    die "LATCHKEY_PROFILE is release or dist, not '$LATCHKEY_PROFILE'"
need_binary() {
    [[ -x $LATCHKEY_BINARY ]] ||
        die "there is no $LATCHKEY_BINARY: run LATCHKEY_PROFILE=$LATCHKEY_PROFILE make build"
}

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

# Starts one in memory, and tells the tests where it is.
surreal_server=
start_surreal() { # start_surreal LOG
    local log="$1" port tries
    build_surreal || return
    port="$(free_port)"
    "$SURREAL_BINARY" start --bind "127.0.0.1:$port" --unauthenticated --log warn memory \
        </dev/null >"$log" 2>&1 &
    surreal_server=$!
    for ((tries = 0; tries < 100; tries++)); do
        if curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health"; then
            export LATCHKEY_TEST_WS="ws://127.0.0.1:$port" LATCHKEY_TEST_SURREAL="$SURREAL_BINARY"
            return
        fi
        sleep 0.1
    done
    cat "$log"
    return 1
}
stop_surreal() {
    [[ -z $surreal_server ]] || ! kill "$surreal_server" 2>/dev/null ||
        wait "$surreal_server" 2>/dev/null || true
}

# The test program of a crate's folder `tests`, as cargo has built it: executable CRATE
executable() {
    cargo test --release --no-run --message-format=json-render-diagnostics | node -e '
        const [crate] = process.argv.slice(1);
        const text = require("fs").readFileSync(0, "utf8");
        const messages = text.split("\n").filter(Boolean).map(JSON.parse);
        const fits = ({ executable, manifest_path, profile, target }) =>
            executable &&
            profile.test &&
            manifest_path.endsWith(`/${crate}/Cargo.toml`) &&
            target.kind.includes("test") &&
            target.name !== "structure";
        for (const message of messages) if (fits(message)) console.log(message.executable);' "$@"
}

# The version that Cargo.toml gives the whole of it.
version() { sed -nE '/^\[workspace.package\]/,/^\[/s/^version = "(.*)"$/\1/p' Cargo.toml; }

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

installed() { [[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }
# What comes with a service is installed, and neither started now nor at the next start of the
# machine.
install_services() { # install_services WHY PACKAGE...
    local policy=/usr/sbin/policy-rc.d own_policy= status=0 package
    command -v apt-get >/dev/null || die "missing: ${*:2}. These tests need Debian or Ubuntu."
    # Debian starts a service as soon as it is installed, unless this file forbids it.
    if [[ ! -e $policy ]]; then
        own_policy=1
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        trap 'exit 130' INT TERM
        as_root install -m 755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
    fi
    # RT asks where its database is to be; the tests make one of their own.
    if [[ " $* " == *" request-tracker5 "* ]]; then
        as_root debconf-set-selections \
            <<<'request-tracker5 request-tracker5/dbconfig-install boolean false'
    fi
    apt_install "$@" || status=$?
    if [[ -n $own_policy ]]; then
        as_root rm -f "$policy"
        trap - EXIT INT TERM
    fi
    shift
    ((status == 0)) || die "apt-get install $* has failed"
    # Each service of these packages, whatever it is called: Samba has several, and some have one of
    # an older kind.
    local unit units='s#^/(usr/)?lib/systemd/system/([^@/]+\.service)$#\2#p'
    for unit in "$@" $(dpkg -L "$@" | sed -nE "$units" | sort -u); do
        as_root systemctl disable --quiet "$unit" 2>/dev/null || true
    done
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

# Python's packages for the tests of mail, in a folder of the project's own; pinned, since a newer
# one may answer otherwise.
MAIL_VENV="${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/mail-aiosmtpd-1.4.6"
mail_venv() {
    [[ -e $MAIL_VENV/.installed ]] && return
    command -v python3 >/dev/null || die "Python 3.10 or newer is missing; it runs a mail server"
    say "installing aiosmtpd 1.4.6 in $MAIL_VENV (a mail server for the tests)"
    python3 -m venv "$MAIL_VENV" ||
        die "python3 -m venv does not work: on Debian and Ubuntu, apt-get install python3-venv"
    "$MAIL_VENV/bin/pip" install --quiet --disable-pip-version-check aiosmtpd==1.4.6
    touch "$MAIL_VENV/.installed"
}

# A program of Prometheus's: the system's, else the one that tools/setup has unpacked.
prometheus_program() { # prometheus_program NAME
    local own="$LATCHKEY_TOOLS/prometheus/usr/bin/$1"
    command -v "$1" && return
    [[ -x $own ]] && echo "$own"
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
