# phasegate in a container: `docker build -t phasegate .`, then
# `docker run --rm -v "$PWD:/project" phasegate gate 2` in a project's folder. What it may write there is
# the caller's to say: `--user "$(id -u):$(id -g)"`. `docker build --target pages -t phasegate-pages .` has what
# serves pages and reads a ledger on PostgreSQL, too (docs/deploy.md).

FROM python:3.13-slim AS build
# The compiler's version is the distribution's: nothing that it brings is in the result.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
# In the locked versions; a wheel that is built here has no hash to compare. The rule engine calls a function
# by a name that Python 3.13 no longer has.
RUN python -m venv /usr/local/phasegate \
    && sed -n 's/ *\\$//; /^[a-z0-9].*==/p' requirements.lock >versions \
    && CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject /usr/local/phasegate/bin/python -m pip --no-cache-dir \
        --disable-pip-version-check install --constraint versions .

FROM build AS build-pages
RUN /usr/local/phasegate/bin/python -m pip --no-cache-dir --disable-pip-version-check install \
        --constraint versions '.[postgres,serve]' \
    && /usr/local/phasegate/bin/python -m pip --no-cache-dir uninstall --yes pip

FROM build AS build-alone
# Pip is of no use in the result.
RUN /usr/local/phasegate/bin/python -m pip --no-cache-dir uninstall --yes pip

FROM python:3.13-slim AS pages
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin phasegate
COPY --from=build-pages /usr/local/phasegate /usr/local/phasegate
USER 10001
WORKDIR /project
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/usr/local/phasegate/bin/python", "-c", \
    "import urllib.request as request; request.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
ENTRYPOINT ["/usr/local/phasegate/bin/phasegate"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin phasegate
COPY --from=build-alone /usr/local/phasegate /usr/local/phasegate
USER 10001
WORKDIR /project
ENTRYPOINT ["/usr/local/phasegate/bin/phasegate"]
CMD ["--help"]
