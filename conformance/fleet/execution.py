"""Performs the tasks of a fleet through any executor of `concurrent.futures`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager

from conformance.fleet.lane import LANES, perform_apart
from conformance.fleet.task import Row, Task, error_row

PER_PROCESSOR = 4
MOST = 64


def default_jobs() -> int:
    """Runs at a time on this machine: more than processors, since a run mostly waits for its deployment."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:
        processors = os.cpu_count() or 1
    return min(PER_PROCESSOR * processors, MOST)


@contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """An executor for `jobs` runs at a time on this machine.

    Its threads only wait: each run takes place in a lane, an interpreter of its own that is used again.
    """
    LANES.open()
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="fleet")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        LANES.close()
        executor.shutdown(wait=True)
        LANES.close()


def execute(tasks: Sequence[Task], executor: Executor) -> Iterator[Row]:
    """The row of each task as soon as it is there; what happens to one leaves the others alone."""
    waiting = {_submit(executor, task): task for task in tasks}
    try:
        for future in as_completed(waiting):
            yield _row(future, waiting[future])
    finally:
        for future in waiting:
            future.cancel()


def _submit(executor: Executor, task: Task) -> Future[Row]:
    try:
        return executor.submit(perform_apart, task)
    except Exception as problem:  # noqa: BLE001 - a broken executor must not spoil what it did before
        lost: Future[Row] = Future()
        lost.set_exception(problem)
        return lost


def _row(future: Future[Row], task: Task) -> Row:
    """What a future brought; an executor's own trouble is told by its kind, as its text may hold a secret."""
    try:
        return future.result()
    except Exception as problem:  # noqa: BLE001 - executors raise what they like
        reason = f"the worker of the run was lost: {type(problem).__name__}"
        return error_row(task, reason, "see the log of the cluster or of the system")
