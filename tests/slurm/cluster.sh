#!/usr/bin/env bash
# A real SLURM on this one machine, as root, for the test beside it: controller and nodes are the daemons of Debian's packages
# slurm-wlm and munge; only the GPUs, four at most, are made up (a device file that every machine has), so that requests for them are counted.
#
#   cluster.sh up FOLDER [NODES] [CPUS] [GPUS]    start NODES nodes with CPUS CPUs and GPUS GPUs each (2, 2, 1)
#   cluster.sh down FOLDER                        stop all of it, and remove what `up` put into /etc/slurm
#
# Everything is kept in FOLDER but two links in /etc/slurm: jobs lose SLURM_CONF, and would not find their controller otherwise.
set -euo pipefail

command=${1:?usage: cluster.sh up|down FOLDER [NODES] [CPUS] [GPUS]}
folder=$(realpath -m "${2:?usage: cluster.sh up|down FOLDER}")
nodes=${3:-2} cpus=${4:-2} gpus=${5:-1}
port=${SLURM_TEST_PORT:-27600}

fail() { echo "cluster.sh: $*" >&2; exit 1; }

configure() {
    # without cgroups a node follows processes by their parents; without a database there is no sacct, so squeue must know
    # finished jobs long enough (MinJobAge); memory and GPUs are only counted, so they may be more than there are
    cat <<CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=1,sched_interval=2
GresTypes=gpu
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=600
KillWait=20
CONF
    for number in $(seq "$nodes"); do
        echo "NodeName=node$number NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + number))" \
            "CPUs=$cpus RealMemory=64000 Gres=gpu:$gpus State=UNKNOWN"
    done
    echo "PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
}

up() {
    [ "$(id -u)" = 0 ] || fail "a SLURM is started by root"
    for name in slurm gres; do
        [ ! -e "/etc/slurm/$name.conf" ] || fail "/etc/slurm/$name.conf exists: this machine has a SLURM; it is left alone"
    done
    type slurmctld slurmd munged >/dev/null 2>&1 || fail "needs slurmctld, slurmd and munged: apt-get install slurm-wlm munge"
    mkdir -p "$folder"/{state,munge} /etc/slurm
    chmod 0755 "$folder" "$folder/munge"
    (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
    # the key and the socket are our own: a munge of the machine goes on undisturbed
    munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/munged.pid" \
        --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
    configure >"$folder/slurm.conf"
    printf 'Name=gpu File=/dev/%s\n' $(printf 'null\nzero\nfull\nrandom\n' | head -n "$gpus") >"$folder/gres.conf"
    for name in slurm gres; do ln -s "$folder/$name.conf" "/etc/slurm/$name.conf"; done
    slurmctld
    for number in $(seq "$nodes"); do
        mkdir -p "$folder/spool-node$number"
        slurmd -N "node$number"
    done
    for _ in $(seq 60); do
        [ "$(sinfo --noheader --Node --states=idle 2>/dev/null | wc -l)" = "$nodes" ] && return
        sleep 0.5
    done
    tail -n 20 "$folder"/*.log >&2
    fail "the nodes did not become idle within half a minute; logs are above"
}

down() {
    if [ "$(readlink /etc/slurm/slurm.conf 2>/dev/null)" = "$folder/slurm.conf" ]; then
        squeue --noheader --format=%i | xargs --no-run-if-empty scancel --quiet --signal=KILL --full || true
        for _ in $(seq 120); do [ -n "$(squeue --noheader --states=running,completing)" ] || break; sleep 0.25; done
    fi
    for file in "$folder"/slurmd-*.pid "$folder"/slurmctld.pid "$folder"/munge/munged.pid; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 40); do [ -e "/proc/$pid/exe" ] || break; sleep 0.25; done
    done
    for name in slurm gres; do
        [ "$(readlink "/etc/slurm/$name.conf" 2>/dev/null)" != "$folder/$name.conf" ] || rm "/etc/slurm/$name.conf"
    done
}

case $command in
    up | down) "$command" ;;
    *) fail "up or down, not $command" ;;
esac
