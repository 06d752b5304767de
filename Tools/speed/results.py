"""What was measured, as it stands in the JSON file. Seconds are wall-clock unless called cpu; MB: 10^6 bytes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Machine(_Record):
    """What it was measured on; nothing says whose it is."""

    processor: str
    cores: int
    memory_gb: float | None
    gpu: str | None
    threads: int
    versions: dict[str, str]


class CommandRun(_Record):
    """One ``fedkd predict`` of one CT, from the shell's point of view.

    ``case_s`` and ``stages_s`` are what provenance.json says; ``startup_s`` is the rest of ``wall_s``.
    """

    backend: str
    wall_s: float
    cpu_s: float
    case_s: float
    startup_s: float
    stages_s: dict[str, float]
    peak_rss_mb: float | None
    peak_pss_mb: float | None
    scene_made: bool
    pdf_made: bool
    points_found: int


class SizeRuns(_Record):
    """The whole command on one phantom. ``cold``: with an empty cache; ``warm``, by ``--backend``."""

    name: str
    size_xyz: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    file_mb: float
    cold: CommandRun | None
    warm: dict[str, tuple[CommandRun, ...]]


class Proper(_Record):
    """Prediction proper in a warm process: reading the CT, then all up to points and calcification.

    ``network_s`` of ``whole_s`` were spent within the networks, on ``patches``.
    """

    whole_s: float
    whole_cpu_s: float
    read_s: float
    network_s: float
    patches: int


class Pairs(_Record):
    """Prediction proper by several contestants in turns; the n-th entries of all were run one after the other."""

    size: str
    device: str
    reference: str
    rounds: dict[str, tuple[Proper, ...]]


class CountedRun(_Record):
    """A command of which is known when the networks ran.

    Args:
        cases: how many.
        seconds_a_case: one case: from its beginning to its end. Several, which may overlap: from the end of the first
            to the end of the last, for each that ended meanwhile.
        network_s_a_case: of all cases, while at least one network ran.
        wall_s: of the whole command.
        peak_rss_mb: like ``peak_pss_mb``, see `CommandRun`.
    """

    cases: int
    seconds_a_case: float
    network_s_a_case: float
    wall_s: float
    peak_rss_mb: float | None
    peak_pss_mb: float | None

    @property
    def share_outside(self) -> float:
        """Share of the time in which no network ran."""
        return 1 - self.network_s_a_case / self.seconds_a_case


class OperationShare(_Record):
    """Part of the student's time in PyTorch that one operation took by itself."""

    name: str
    share: float


class Speed(_Record):
    """One way to run the student: so many patches at a time, in so many seconds."""

    how: str
    batch: int
    seconds: float
    tflops: float
    share_of_peak: float


class Throughput(_Record):
    """The student's arithmetic against the fastest matrix product of this device.

    ``matrix_share``: of PyTorch's time, within convolutions and matrix products; what is left waits for memory.
    """

    device: str
    number_format: str
    matmul_size: int
    peak_tflops: float
    gflop_per_patch: float
    speeds: tuple[Speed, ...]
    matrix_share: float
    top_operations: tuple[OperationShare, ...]


class SpeedReport(_Record):
    """The whole file."""

    schema_version: int = 1
    measured_utc: str
    model_id: str
    quick: bool
    machine: Machine
    sizes: tuple[SizeRuns, ...]
    reference_command: CommandRun | None
    pairs: tuple[Pairs, ...]
    single_counted: CountedRun
    cohort_counted: CountedRun | None
    throughput: tuple[Throughput, ...]
