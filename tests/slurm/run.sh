#!/usr/bin/env bash
# The workflow on a real SLURM of three nodes on this machine, with profiles/slurm as a user would edit it, while
#   1. one training is killed by SIGKILL, and submitted again;
#   2. one node is drained while jobs run on it and others wait;
#   3. another training needs longer than the minute it is given: it gets SIGTERM, saves its state, is submitted again, goes
#      on, and ends with the same weights, bit for bit, as one that nothing interrupted.
# check.py asserts all of it by SLURM's records and our own. Needs root on Debian or Ubuntu: it installs slurm-wlm, munge and procps
# if they are not there. Everything it started is stopped in the end. About 5 minutes on two cores.
#
#   make test first (the environment), then: sudo tests/slurm/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
export PATH="$PWD/.venv/bin:$PATH"

work=$(mktemp -d)
results=results/slurm reference=results/slurm-reference
background=()
finish() {
    status=$?
    # with their children; SIGKILL, since Snakemake waits for its jobs on anything milder
    for pid in "${background[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || true; done
    "$here/cluster.sh" down "$work/cluster"
    if [ $status = 0 ]; then rm -rf "$work"; else echo "run.sh failed; what SLURM and Snakemake wrote is in $work" >&2; fi
}
trap finish EXIT

if ! type slurmctld slurmd munged pgrep >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge procps >/dev/null
fi
"$here/cluster.sh" up "$work/cluster" 3 2 1

# the three lines that a user edits; the first job of HiT-SIR has a minute, the shortest limit that SLURM knows, so no signal
# can come before it
mkdir "$work/profile"
limit="\"1 if wildcards.method == 'HiT-SIR' and attempt == 1 else 60\""
sed -e 's/slurm_partition: gpu /slurm_partition: test /' -e '/slurm_account:/d' -e "s/runtime: 1440 /runtime: $limit /" \
    -e '/--signal=TERM@300/d' profiles/slurm/config.yaml >"$work/profile/config.yaml"

weights=train/HiT-SIR/x2/seed0/weights.safetensors
rm -rf "$results" "$reference" reports/slurm
# 90 seconds of work: SLURM enforces the minute up to half a minute late
iterations=$(python "$here/check.py" iterations 90)
echo "HiT-SIR: $iterations iterations"
for run in slurm slurm-reference; do
    (echo "run: $run"; sed "s/^train: {/&iterations: $iterations, /" "$here/config.yaml") >"$work/$run.yaml"
done

setsid snakemake --cores 1 --quiet all --configfile "$work/slurm-reference.yaml" -- "$reference/$weights" >"$work/reference.log" 2>&1 &
uninterrupted=$!
# check.py reads which job SLURM has for which step
HITSR_VERBOSE=1 setsid snakemake --profile "$work/profile" --slurm-init-seconds-before-status-checks 2 --slurm-logdir "$work/logs" \
    --configfile "$work/slurm.yaml" -- all \
    >"$work/snakemake.log" 2>&1 &
workflow=$!
background+=("$uninterrupted" "$workflow")

until_true() {
    for _ in $(seq 1500); do
        eval "$1" && return
        kill -0 "$workflow" 2>/dev/null || { tail -n 40 "$work/snakemake.log"; echo "the workflow ended before: $1"; return 1; }
        sleep 0.2
    done
    echo "five minutes passed before: $1"
    return 1
}

until_true '[ -f "$results/train/SwinIR-Light/x2/seed0/state.pt" ]'
training=$(pgrep -f "^[^ ]*python[^ ]* (-[Pu] )*-m hitsr train --settings $results/settings/train-SwinIR-Light")
kill -KILL "$training"
echo "killed process $training, which trained SwinIR-Light"

hit='RUNNING .* rule_train_wildcards_HiT-SIR'
until_true 'squeue --noheader --format="%i %T %N %k" | tee "$work/queue.txt" | grep -q "$hit" && grep -q PENDING "$work/queue.txt"'
read -r job _ node _ <<<"$(grep "$hit" "$work/queue.txt")"
date +%Y-%m-%dT%H:%M:%S >"$work/drained-at.txt"
scontrol update "nodename=$node" state=drain reason="test of hitsr"
echo "drained $node, on which job $job trains HiT-SIR"

wait "$workflow" || { tail -n 60 "$work/snakemake.log"; exit 1; }
wait "$uninterrupted"
python "$here/check.py" all "$work" "$node"
snakemake --cores 2 --configfile "$work/slurm.yaml" -- all 2>&1 | grep -q "Nothing to be done" ||
    { echo "a second run, on this machine alone, was not a no-op"; exit 1; }
