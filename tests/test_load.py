"""The load test of the reference deployment, in small; `make load` is the large one."""

from __future__ import annotations

from pathlib import Path

from .load.loading import Write, differences, load


def shown(*statuses: int) -> dict[str, object]:
    """A hash as it is shown, newest first."""
    return {
        "status": statuses[0] if statuses else 0,
        "events": [{"status": one, "timestamp": one} for one in statuses],
    }


def write(status: int, sent: float, acknowledged: float | None) -> Write:
    return Write("h", status, sent, acknowledged, status if acknowledged else None)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    log = load(tmp_path, clients=8, requests=800)
    assert log.wrong == []
    assert log.done == 800
    assert sum(one.acknowledged is not None for one in log.writes) > 200


def test_what_is_missing_invented_or_out_of_order_is_told() -> None:
    writes = [write(1, 1.0, 2.0), write(2, 3.0, 4.0), write(3, 5.0, None)]
    assert list(differences(writes, shown(2, 1))) == []
    assert list(differences(writes, shown(3, 2, 1))) == []
    assert list(differences(writes, shown(2))) == ["1 was acknowledged and is gone"]
    assert list(differences(writes, shown(9, 2, 1))) == ["9 was never sent"]
    assert "listed as older" in " ".join(differences(writes, shown(1, 2)))
    assert next(differences(writes, shown(2, 2, 1))) == "a write is listed twice"
    assert list(differences(writes, {**shown(2, 1), "status": 1})) == [
        "the status is 1, not that of the newest event"
    ]
