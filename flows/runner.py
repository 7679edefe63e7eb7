"""The only place that names a task runner: threads | processes | dask | ray."""

from __future__ import annotations

from typing import Any

from curation.config import Engine
from curation.errors import ConfigError


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
