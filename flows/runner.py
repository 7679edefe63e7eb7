"""The only place that says how tasks run: threads | processes | dask | ray, and processes beside the threads.

Those import this module: nothing heavy may be imported here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from curation.errors import ConfigError

if TYPE_CHECKING:
    from curation.config import Engine

P = ParamSpec("P")
T = TypeVar("T")


def task_runner(engine: Engine) -> Any:
    """The Prefect task runner of the configuration. Raises ``ConfigError`` when its package is missing."""
    if engine.kind == "threads":
        from prefect.task_runners import ThreadPoolTaskRunner

        return ThreadPoolTaskRunner(max_workers=engine.workers)
    if engine.kind == "processes":
        from prefect.task_runners import ProcessPoolTaskRunner

        return ProcessPoolTaskRunner(max_workers=engine.workers)
    if engine.kind == "dask":
        try:
            from prefect_dask.task_runners import DaskTaskRunner
        except ImportError as error:
            raise ConfigError("engine: dask demande le paquet « prefect-dask » (pip install veille[dask]).") from error
        if engine.address:
            return DaskTaskRunner(address=engine.address)
        return DaskTaskRunner(
            cluster_kwargs={
                "n_workers": engine.workers,
                "threads_per_worker": 1,
                "dashboard_address": None,
                "silence_logs": 50,
            }
        )
    try:
        from prefect_ray import RayTaskRunner
    except ImportError as error:
        raise ConfigError("engine: ray demande le paquet « prefect-ray » (pip install veille[ray]).") from error
    if engine.address:
        return RayTaskRunner(address=engine.address)
    return RayTaskRunner(init_kwargs={"num_cpus": engine.workers, "include_dashboard": False})


class Processes:
    """Processes beside the threads of an engine, for tasks that would hold each other up: threads take turns at Python.

    A context manager. None runs before ``start``, none outlives the context, nor this process however it ends. Engines
    that spread their tasks themselves, and machines of one core, get none.
    """

    def __init__(self, engine: Engine) -> None:
        self._most = min(engine.workers, cores()) if engine.kind == "threads" and cores() > 1 else 0
        self._pool: ProcessPoolExecutor | None = None
        self._tried = self._fit = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fit = False
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def start(self) -> None:
        """Start them, once: about a quarter of a second of a core each, which the work that follows should be worth."""
        if self._tried or not self._most:
            return
        self._tried = True
        # spawn: a fork would copy locks that other threads hold, and a fork server would outlive the context
        try:
            self._pool = ProcessPoolExecutor(
                self._most, multiprocessing.get_context("spawn"), initializer=_enter_service
            )
            with _interruptions_held():
                for _ in range(self._most):  # a process is started for each call that finds none idle
                    self._pool.submit(_stand_by)
        except (OSError, ImportError, NotImplementedError, BrokenExecutor):
            return  # no semaphores, no memory, too many processes: the work is done here
        self._fit = True

    def doing(self, work: Callable[P, T]) -> Callable[P, T]:
        """``work`` for a task: done by one of these processes while they run, and by the caller otherwise.

        ``work`` is a function of a module, its values can be pickled, and doing it twice does no harm: what a process
        leaves undone as it dies is done by the caller, and from then on everything is.
        """
        if not self._most:
            return work

        @wraps(work)
        def done(*values: P.args, **named: P.kwargs) -> T:
            if self._fit and self._pool is not None:
                try:
                    return self._pool.submit(work, *values, **named).result()
                except BrokenExecutor:
                    self._fit = False
            return work(*values, **named)

        return done


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _interruptions_held() -> Iterator[None]:
    """Ctrl+C reaches a whole terminal: processes started here never see it, and this one ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _enter_service() -> None:
    """In a new process: end with the one that started it, which may be killed without a word."""
    threading.Thread(target=_end_with_parent, name="veille-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stand_by() -> None:
    """Nothing: asked of a process so that it starts."""
