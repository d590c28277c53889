# Read by scripts that count what they check (". tools/checks.sh", after common.sh): each check is a
# test, and the last line is the total.

checks_passed=0
checks_failed=0

# check WHAT COMMAND...: whether it succeeds; what it prints is shown where it does not.
check() {
    local what="$1" output
    shift
    if output="$("$@" 2>&1)"; then
        checks_passed=$((checks_passed + 1))
        echo "ok: $what"
    else
        checks_failed=$((checks_failed + 1))
        printf 'FAILED: %s\n%s\n' "$what" "$output"
    fi
}

# same WHAT EXPECTED FOUND
same() { check "$1" same_text "$2" "$3"; }
same_text() {
    [[ $1 == "$2" ]] && return
    printf 'expected: %s\nfound:    %s\n' "$1" "$2"
    return 1
}

# has WHAT PART TEXT
has() { check "$1" has_part "$2" "$3"; }
has_part() {
    [[ $2 == *"$1"* ]] && return
    printf 'no “%s” in:\n%s\n' "$1" "$2"
    return 1
}

# not COMMAND...
not() { ! "$@"; }

checks_total() {
    echo "$checks_passed passed, $checks_failed failed"
    ((checks_failed == 0 && checks_passed > 0))
}

# Again as root, where it is not, in namespaces of its own: mounts and processes end with it.
# alone_as_root SCRIPT [ARGUMENT]...
alone_as_root() {
    [[ ${LATCHKEY_TEST_ALONE:-} != 1 ]] || return 0
    as_root env "PATH=$PATH" "HOME=$HOME" "CARGO_TARGET_DIR=$CARGO_TARGET_DIR" \
        "LATCHKEY_PROFILE=$LATCHKEY_PROFILE" \
        ${XDG_CACHE_HOME:+"XDG_CACHE_HOME=$XDG_CACHE_HOME"} LATCHKEY_TEST_ALONE=1 \
        unshare --mount --pid --fork --kill-child --mount-proc "$@"
    exit
}

# waits SECONDS COMMAND...: until it succeeds
waits() {
    local tries=$(($1 * 10))
    shift
    for ((; tries > 0; tries--)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}
