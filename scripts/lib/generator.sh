# The load generator against a plain C program: same CPU, same echo, same rings, batch, window and XDP program, in turns.
# Sourced by scripts/bench after common.sh; compare_generators is its one function for others.

. "$ROOT/scripts/lib/serving.sh"

WINDOW=64
CONNECTIONS=16
KEYS=10000
SECONDS_EACH=2

mac_of() {
    ip -n "$1" -oneline link show dev "$2" | sed -n 's:.* link/ether \([0-9a-f\:]*\) .*:\1:p'
}

run_java() {
    generate java --echo --threads 1 --connections $CONNECTIONS --keys $KEYS --distribution uniform --window $WINDOW \
        --warmup 6 --duration $SECONDS_EACH --quiet >"$WORK/java.out"
}

run_c() {
    in_namespace $CLIENT_NAMESPACE taskset -c $CLIENT_CPUS "$WORK/xsk_load" \
        "$ROOT/bench/target/classes/dev/javelin/bench/load/xdp_load.bpf.o" jv-client 1 \
        192.0.2.2 "$(mac_of $CLIENT_NAMESPACE jv-client)" 192.0.2.1 "$(mac_of $SERVER_NAMESPACE jv-server)" \
        11211 32000 $CONNECTIONS $KEYS $WINDOW 0.5 $SECONDS_EACH >"$WORK/c.json"
}

# The median of the 100 ms windows of a run: it does not see the tenths of a second that other work took.
median_rate() {
    sed -n 's/.*"windows" *: *\[\([^]]*\)\].*/\1/p' "$WORK/$1.json" | tr ',' '\n' | sort -n |
        awk '{ window[NR] = $1 } END { print 10 * (window[int((NR + 1) / 2)] + window[int(NR / 2) + 1]) / 2 }'
}

# summary COLUMN: median and range of a column of ratios.
summary() {
    awk -v column="$1" '{ print $column }' "$WORK/rounds" | sort -n | awk '
        { ratio[NR] = $1 }
        END { printf "median %.3f, %.3f to %.3f in %d rounds\n",
                  (ratio[int((NR + 1) / 2)] + ratio[int(NR / 2) + 1]) / 2, ratio[1], ratio[NR], NR }'
}

compare_generators() {
    local round order program
    clang -O2 -Wall -o "$WORK/xsk_load" "$ROOT/bench/src/main/c/xsk_load.c" -lxdp -lbpf ||
        fail "xsk_load.c does not compile: run scripts/setup"
    start_testbed 1
    start_echo xdp || { cat "$WORK/echo.err" >&2; fail "the echo did not start"; }
    grep '^ready ' "$WORK/echo.out"
    for ((round = 1; round <= $1; round++)); do
        order="java c"
        [ $((round % 2)) = 1 ] || order="c java"
        for program in $order; do
            run_$program || fail "the $program generator failed"
        done
        printf '%s %s %s %s\n' "$(median_rate java)" "$(median_rate c)" "$(field java rate)" "$(field c rate)" |
            awk '{ print $1, $2, $1 / $2, $3 / $4 }' >>"$WORK/rounds"
        say "round $round: $(tail -n 1 "$WORK/rounds" | awk '{ printf "java %d/s, C %d/s, ratio %.3f", $1, $2, $3 }')"
    done
    echo "java / C, median 100 ms of each round: $(summary 3)"
    echo "java / C, whole rounds:                $(summary 4)"
}
