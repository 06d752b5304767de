#!/usr/bin/env bash
# Makes the embedded model from seeds and an earlier student: phantoms, two training runs, one package.
# On two CPU cores it takes some hours; killed at any moment, it goes on where it stopped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
runs=${1:-runs/embedded}
fedkd=.venv/bin/fedkd

# Large arrays come and go at every step. Without these, glibc hands each back to the kernel, which then clears
# it anew for the next step: a third of the time.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=200000000
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}

"$fedkd" phantom make "$runs/root" --field root --cases 500 --seed 40
"$fedkd" phantom make "$runs/root" --field root --cases 500 --seed 41
for k in 0 1 2 3 4; do
    "$fedkd" phantom make "$runs/wide" --field wide --cases 40 --seed "2$k"
    "$fedkd" phantom make "$runs/wide" --field abdomen --cases 12 --seed "3$k"
done
"$fedkd" train "$runs/wide" --recipe localizer --output "$runs/localizer"
# The student goes on from an earlier one, phantom-student-1, which saw coarser phantoms at 1.5 mm.
mkdir -p "$runs/earlier"
git archive 3ad4455 FedKDSlicer/Resources/Models/embedded | tar --extract --directory "$runs/earlier"
"$fedkd" train "$runs/root" --recipe student --output "$runs/student" \
    --start-from "$runs/earlier/FedKDSlicer/Resources/Models/embedded"
"$fedkd" model pack "$runs/localizer" "$runs/student" \
    --about Tools/embedded_model/about.json --output FedKDSlicer/Resources/Models/embedded
