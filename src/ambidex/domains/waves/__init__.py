"""The door of waves: works of one place that are picked in one walk, a tote for each order."""

from ambidex.domains.waves.commands import (
    begin,
    end,
    last_in,
    leave,
    lock,
    name_tote,
    open_waves_of,
    plan,
    put,
    put_before,
    release,
)
from ambidex.domains.waves.model import (
    Candidate,
    Limits,
    Need,
    Put,
    Wave,
    WaveId,
    WaveState,
    WaveVerb,
    WorkKey,
)
from ambidex.domains.waves.problems import ToteTaken
from ambidex.domains.waves.queries import wave
from ambidex.domains.waves.rules import group, lacking, tote_for

__all__ = [
    "Candidate",
    "Limits",
    "Need",
    "Put",
    "ToteTaken",
    "Wave",
    "WaveId",
    "WaveState",
    "WaveVerb",
    "WorkKey",
    "begin",
    "end",
    "group",
    "lacking",
    "last_in",
    "leave",
    "lock",
    "name_tote",
    "open_waves_of",
    "plan",
    "put",
    "put_before",
    "release",
    "tote_for",
    "wave",
]
