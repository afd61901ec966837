# phasegate in a container: `docker build -t phasegate .`, then
# `docker run --rm -v "$PWD:/project" phasegate gate 2` in a project's folder. What it may write there is
# the caller's to say: `--user "$(id -u):$(id -g)"`.

FROM python:3.13-slim AS build
# The compiler's version is the distribution's: nothing that it brings is in the result.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
# In the locked versions; a wheel that is built here has no hash to compare. The rule engine calls a function
# by a name that Python 3.13 no longer has. Pip is of no use in the result.
RUN python -m venv /usr/local/phasegate \
    && sed -n 's/ *\\$//; /^[a-z0-9].*==/p' requirements.lock >versions \
    && CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject /usr/local/phasegate/bin/python -m pip --no-cache-dir \
        --disable-pip-version-check install --constraint versions . \
    && /usr/local/phasegate/bin/python -m pip --no-cache-dir uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin phasegate
COPY --from=build /usr/local/phasegate /usr/local/phasegate
USER 10001
WORKDIR /project
ENTRYPOINT ["/usr/local/phasegate/bin/phasegate"]
CMD ["--help"]
