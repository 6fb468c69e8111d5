# Shared by the scripts of this directory; sourced, never run.
# Sets ROOT (the project's directory) and the functions below. Callers have `set -euo pipefail`.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
JAVELIN_JAR=$ROOT/launcher/target/javelin.jar
BENCH_JAR=$ROOT/bench/target/javelin-bench.jar
BUILD_STAMP=$ROOT/target/.built
MINIMUM_JDK=25

SERVER_NAMESPACE=javelin-server
CLIENT_NAMESPACE=javelin-client

# sudo on some machines leaves these out, and ip, ethtool and nsenter live there.
PATH=$PATH:/usr/sbin:/sbin

say() {
    printf '%s: %s\n' "$(basename "$0")" "$*"
}

complain() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# fail MESSAGE: failed while running. usage_error MESSAGE: the caller typed something wrong.
fail() {
    complain "$*"
    exit 1
}

usage_error() {
    complain "$*"
    exit 2
}

require_root() {
    [ "$(id -u)" = 0 ] || fail "needs root: run it with sudo"
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The lists of a fresh machine may be empty or name versions that the mirror has dropped: update only if needed.
install() {
    [ "$(id -u)" = 0 ] || fail "needs root to install: $* (run it with sudo)"
    local log
    log=$(mktemp)
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
        apt-get update -q >>"$log" 2>&1 </dev/null || true
        if ! apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1 </dev/null; then
            tail -n 20 "$log" >&2
            rm -f "$log"
            fail "apt-get could not install: $*"
        fi
    fi
    rm -f "$log"
}

# wait_until SECONDS COMMAND...: repeats COMMAND until it succeeds; 1 if it never does.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.05
    done
}

# The major version of the JDK in $1, or nothing if there is none (a JRE without javac does not count).
jdk_version() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Prints the home of a JDK that is new enough: JAVA_HOME first, then the newest under /usr/lib/jvm.
find_jdk() {
    local candidate version best= best_version=0
    for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        [ -n "$candidate" ] || continue
        version=$(jdk_version "$candidate")
        [ "${version:-0}" -ge $MINIMUM_JDK ] || continue
        if [ "$candidate" = "${JAVA_HOME:-}" ]; then
            printf '%s\n' "$candidate"
            return 0
        fi
        if [ "$version" -gt $best_version ]; then
            best=$candidate
            best_version=$version
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

use_jdk() {
    JAVA_HOME=$(find_jdk) || return 1
    export JAVA_HOME
}

# The flags that every JVM of this project needs: the parent pom is the only place that spells them.
jvm_flags() {
    sed -n 's:.*<jvm\.flags>\(.*\)</jvm\.flags>.*:\1:p' "$ROOT/pom.xml"
}

# The flags of the JVM that serves packets. The packet path allocates nothing, so the heap is small, fixed and touched at
# the start. ZGC stops the workers for less than a millisecond; a stop longer than the heartbeat's limit would send hits to
# the kernel. No shared perf data: writing it can stall a safepoint on a slow disk.
worker_flags() {
    echo -Xms192m -Xmx192m -XX:+UseZGC -XX:+AlwaysPreTouch -XX:+PerfDisableSharedMem -XX:+ExitOnOutOfMemoryError \
        -Dagrona.disable.bounds.checks=true
}

# Runs Maven on the JDK of use_jdk; new JDKs warn about the libraries of Maven 3.8 unless told that they are known.
run_maven() {
    use_jdk || fail "no JDK $MINIMUM_JDK or newer: run scripts/setup"
    (cd "$ROOT" && MAVEN_OPTS="${MAVEN_OPTS:-} --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
        mvn -B -ntp "$@" </dev/null)
}

# True if the jars are there and no source is newer than they are. Test sources do not count: they are in no jar.
# JAVELIN_BUILT=yes says that it is so: in the build itself, and where a build in the middle would spoil a measurement.
is_built() {
    [ "${JAVELIN_BUILT:-}" != yes ] || return 0
    [ -e "$BUILD_STAMP" ] && [ -e "$JAVELIN_JAR" ] || return 1
    [ -z "$(find "$ROOT"/pom.xml "$ROOT"/*/pom.xml "$ROOT"/*/src -path '*/src/test' -prune -o \
        -type f -newer "$BUILD_STAMP" -print -quit)" ]
}

# in_namespace NAME COMMAND...: nsenter and not `ip netns exec`, which would hide bpffs behind a fresh /sys.
in_namespace() {
    local name=$1
    shift
    nsenter --net="/var/run/netns/$name" -- "$@"
}
