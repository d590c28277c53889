# Read by tests that need a Debian which a real systemd has booted (". tools/booted.sh", after
# checks.sh, as root and alone): in a container, whose tree is at $tree, beside a folder $work. Both
# are gone, and it is stopped, once the script ends.

work="$(mktemp -d)"
tree="$work/tree"
machine=
first=
gone() {
    if [[ -n $machine ]]; then
        kill -TERM "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$work" || true
}
trap gone EXIT
trap 'exit 130' INT TERM

# unpack_debian NAME [OPTION_OF_MMDEBSTRAP]...: one with systemd, fetched once and kept by this name
unpack_debian() {
    local release=bookworm name="$1" kept
    shift
    kept="${XDG_CACHE_HOME:-$HOME/.cache}/latchkey/debian/$release-$name.tar"
    if [[ ! -s $kept ]]; then
        say "fetching a Debian $release with systemd, for $name (some two minutes, once)"
        mkdir -p "${kept%/*}"
        mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,dbus "$@" \
            "$release" "$kept.new.tar" >&2
        mv "$kept.new.tar" "$kept"
    fi
    mkdir "$tree"
    tar -C "$tree" -xf "$kept"
}

# boot_debian [OPTION_OF_SYSTEMD_NSPAWN]...
boot_debian() {
    systemd-nspawn --quiet --directory "$tree" --boot --register=no --keep-unit \
        --resolv-conf=off "$@" </dev/null >"$work/boot" 2>&1 &
    machine=$!
    waits 60 is_booted || {
        cat "$work/boot"
        die "systemd does not boot here"
    }
    has_first
}
has_first() { first="$(pgrep --parent "$machine" --exact systemd)"; }
is_booted() { has_first && inside systemctl is-system-running | grep -qE '^(running|degraded)$'; }

# typed COMMAND...: in there, with this standard input
typed() {
    nsenter --target "$first" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
}
# inside COMMAND...: in there, with nothing on its standard input
inside() { typed "$@" </dev/null; }
