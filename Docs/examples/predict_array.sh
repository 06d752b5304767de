#!/bin/bash
# A cohort on a SLURM cluster: each task of an array job does one part of the CTs.
#
#   sbatch --array=1-16 predict_array.sh FOLDER_WITH_CTS OUTPUT_FOLDER [options of fedkd predict]
#
# Submitted again with the same folders, it does what is left; the number of tasks may be another one.
#SBATCH --job-name=fedkd-predict
#SBATCH --cpus-per-task=4
#SBATCH --mem=12G
#SBATCH --time=24:00:00
#SBATCH --requeue
set -euo pipefail

if [[ $# -lt 2 || -z "${SLURM_ARRAY_TASK_ID:-}" ]]; then
    echo "Usage: sbatch --array=1-16 predict_array.sh FOLDER_WITH_CTS OUTPUT_FOLDER [options of fedkd predict]" >&2
    exit 2
fi
cts=$1
output=$2
shift 2

# With --array=3,7 the tasks that are left out would leave out their parts.
if (( SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1 != SLURM_ARRAY_TASK_COUNT )); then
    echo "Give an array without gaps, such as --array=1-16: finished cases are skipped anyway." >&2
    exit 2
fi
part=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))

# The networks take as many threads as this says; a node's other processors are not this task's.
export OMP_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"

# exec: signals of SLURM go to fedkd itself, which then leaves nothing half-written.
exec fedkd predict "$cts" --output "$output" --shard "$part/$SLURM_ARRAY_TASK_COUNT" --progress none "$@"
