"""A task of Airflow: what stands behind it runs only if the programme may advance."""

from airflow.exceptions import AirflowFailException
from airflow.sdk import task

import phasegate as pg


@task
def programme_is_open(project: str) -> int:
    result = pg.Project.load(project).check(["programme"], keep=True)  # or ["phase:2"]
    print(result.report("text"))
    if result.exit_code != 0:
        raise AirflowFailException(f"the programme is {result.outcome}, by run {result.run}")
    return result.run
