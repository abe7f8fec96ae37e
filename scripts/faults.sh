#!/usr/bin/env bash
# The fault suite in its long form: builds once, runs each test with what is set
# for it below, and ends with a table and `target/faults.json`. Bounded in time:
# no test may take longer than LIMIT seconds (5400).
#
#   FAULT_SEED=7 ./scripts/faults.sh          all of it with another seed
#   ./scripts/faults.sh network receiver      only tests with these words in their names
#   CYCLES=20 KILLS=100 ./scripts/faults.sh   shorter
set -euo pipefail
cd "$(dirname "$0")/.."
cargo nextest --version >/dev/null 2>&1 || { echo "cargo-nextest is missing: cargo install cargo-nextest --locked"; exit 1; }

export FAULT_SEED=${FAULT_SEED:-1}
cycles=${CYCLES:-10} kills=${KILLS:-1000} limit=${LIMIT:-5400}
FAULT_REPORT=$(mktemp)
export FAULT_REPORT
trap 'rm -f "$FAULT_REPORT"' EXIT

# Name of the test, and what is set for it.
runs=(
    "faults::kill::nothing_is_lost_doubled_or_linked_again_by_kill_9 FAULT_CYCLES=$kills"
    "faults::migration::a_killed_migration_goes_on_at_the_next_start FAULT_CYCLES=$((kills / 20 + 1))"
    "faults::network::a_line_that_is_cut_stalls_or_trickles_loses_nothing FAULT_CYCLES=$((cycles * 2))"
    "faults::network::a_half_open_line_is_noticed_and_nothing_is_lost FAULT_CYCLES=$((cycles / 2 + 1))"
    "faults::whatsapp::acks_that_are_lost_doubled_and_late_change_nothing FAULT_CYCLES=$cycles"
    "faults::whatsapp::deliveries_that_are_doubled_late_lost_or_damaged_are_told_once_each FAULT_CYCLES=$cycles"
    "faults::whatsapp::refusals_limits_bans_and_a_replaced_session_hold_messages_and_lose_none FAULT_CYCLES=$((cycles / 2 + 1))"
    "faults::receiver::a_receiver_that_is_dead_for_a_day_gets_everything_in_order_once_it_is_back FAULT_HOURS=24 FAULT_STEP_MINUTES=15"
    "faults::receiver::a_receiver_that_is_slow_refuses_hangs_or_sends_away_gets_everything_later FAULT_CYCLES=$cycles"
    "faults::storage::a_full_disk_takes_nothing_that_it_can_not_keep FAULT_CYCLES=$cycles"
    "faults::storage::a_locked_database_delays_and_loses_nothing FAULT_CYCLES=2 FAULT_LOCK_SECONDS=30"
    "faults::clock::a_clock_that_jumps_forth_and_back_loses_and_delays_nothing FAULT_CYCLES=$cycles"
    "faults::servers::a_second_server_on_one_database_is_refused_and_disturbs_nobody"
    "faults::memory::huge_bodies_messages_and_histories_stay_within_bounds FAULT_CYCLES=3"
    "faults::stop::a_polite_stop_ends_in_time_and_hands_back_what_is_in_flight FAULT_CYCLES=$((cycles * 3))"
)
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -n "$programs" ]; then
    runs+=("faults::postgres::a_database_that_goes_and_comes_back_delays_and_loses_nothing FAULT_POSTGRES=$programs FAULT_CYCLES=$cycles")
fi

build=(--workspace --features sparkbot/sandbox)
cargo nextest run "${build[@]}" --no-run
failed=()
for run in "${runs[@]}"; do
    read -r -a words <<<"$run"
    name=${words[0]}
    if [ $# -gt 0 ]; then
        wanted=
        for word in "$@"; do [[ $name == *"$word"* ]] && wanted=1; done
        [ -n "$wanted" ] || continue
    fi
    echo "== $name ${words[*]:1}"
    if ! env "${words[@]:1}" timeout --kill-after=10 "$limit" \
        cargo nextest run "${build[@]}" --profile faults -E "binary(end_to_end) and test(=$name)" --success-output final; then
        failed+=("$name ${words[*]:1}")
    fi
done

mkdir -p target
python3 - "$FAULT_REPORT" target/faults.json "${failed[@]:-}" <<'END'
import json
import os
import sys

report, out, failed = sys.argv[1], sys.argv[2], [name for name in sys.argv[3:] if name]
lines = [json.loads(line) for line in open(report)] if os.path.exists(report) else []
json.dump({"seed": os.environ["FAULT_SEED"], "held": lines, "failed": failed}, open(out, "w"), indent=1)
for line in lines:
    counts = ", ".join(f"{what} {n}" for what, n in line["counts"].items())
    print(f"held    {line['fault']}  (seed {line['seed']}, {line['seconds']} s): {counts}")
for name in failed:
    print(f"FAILED  {name}  (seed {os.environ['FAULT_SEED']})")
print(f"{len(lines)} held, {len(failed)} failed; {out}")
sys.exit(bool(failed))
END
