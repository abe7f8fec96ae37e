#!/usr/bin/env bash
# The storage suites and end-to-end tests on a PostgreSQL of their own: a cluster
# in a temporary folder, on loopback, ended with this script. Without an argument
# it is a handful of end-to-end tests, one or two of each room that has tables;
# `all` takes every one, any other word those with it in their name.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$programs" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq postgresql >/dev/null
    programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi
[ -n "$programs" ] || { echo "PostgreSQL is missing: apt-get install postgresql"; exit 1; }

folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PostgreSQL refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"
trap 'as_owner "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
as_owner "$programs/initdb" -D "$folder/data" -U sparkbot --auth=trust >/dev/null
as_owner "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c max_connections=300" start >/dev/null

export SPARKBOT_TEST_POSTGRES="postgres://sparkbot@127.0.0.1:$port"
export PSQL="$programs/psql"
# For the test that stops a PostgreSQL of its own.
export FAULT_POSTGRES="$programs"
"$PSQL" -q "$SPARKBOT_TEST_POSTGRES/postgres" -c 'CREATE DATABASE conformance'
export SPARKBOT_TEST_POSTGRES_URL="$SPARKBOT_TEST_POSTGRES/conformance"

handful=(
    a_text_goes_out_and_its_reply priority_goes_first an_idempotency_key
    messages_are_found_by what_was_due_while a_message_is_changed_while_it_waits
    a_paused_queue a_queue_is_emptied a_queue_is_given a_held_queue
    reactions_are_gathered what_a_person_edits votes_are_counted delivery_info each_member_of_a_group
    a_received_file_can files_are_found_by a_file_comes_by what_was_sent_from_here an_upload_that_dies
    a_failing_receiver the_event_log a_backup_taken a_new_master_key
    a_database_that_goes_and_comes_back a_second_server_on_one_database nothing_is_lost_doubled
    everybody_reads_a_text whoever_answers_with_the_word a_campaign_is_steered
    chats_are_found_by what_is_done_on_the_phone_shows people_add_to_contacts the_phone_and_its_contacts labels_of_a_business
)
case "${1:-}" in
    "") chosen="binary(end_to_end) and ($(printf ' | test(%s)' "${handful[@]}" | cut -c4-))" ;;
    all) chosen="binary(end_to_end)" ;;
    *) chosen="binary(end_to_end) and test($1)" ;;
esac
cargo nextest --version >/dev/null 2>&1 || { echo "cargo-nextest is missing: cargo install cargo-nextest --locked"; exit 1; }
# The build that every other target uses, so that nothing is compiled twice.
cargo nextest run --workspace --features sparkbot/sandbox -E "binary(backend) | ($chosen)"
