"""A flow of Prefect: fails unless the programme may advance, and leaves its report as an artifact."""

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.states import Completed, Failed

import phasegate as pg


@flow
def programme_is_open(project: str):
    result = pg.Project.load(project).check(["programme"], keep=True)  # or ["phase:2"]
    create_markdown_artifact(key="programme", markdown=result.report("markdown"))
    told = f"the programme is {result.outcome}, by run {result.run}"
    return Completed(message=told) if result.exit_code == 0 else Failed(message=told)
