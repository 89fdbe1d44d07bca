# One image for the code location, the webserver and the daemon; docs/deploy.md starts the three.
# Packages come from the two locks alone, each held against its hash.
ARG PYTHON=3.13-slim
FROM python:${PYTHON} AS build
RUN python -m venv /opt/factory
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock requirements-build.lock /src/
RUN /opt/factory/bin/pip install --require-hashes --no-deps -r /src/requirements.lock \
 && python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --no-deps -r /src/requirements-build.lock
COPY pyproject.toml setup.py README.md LICENSE /src/
COPY schemas /src/schemas
COPY factory /src/factory
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation -w /wheels /src \
 && /opt/factory/bin/pip install --no-deps /wheels/*.whl

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --home-dir /home/factory --create-home factory \
 && mkdir -p /project/.factory /opt/dagster/storage /opt/dagster/logs \
 && chown -R factory /project /opt/dagster
COPY --from=build /opt/factory /opt/factory
ENV PATH=/opt/factory/bin:$PATH DAGSTER_HOME=/opt/dagster PYTHONUNBUFFERED=1
USER 10001
WORKDIR /project
EXPOSE 4000
CMD ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p", "4000", "-m", "factory.definitions"]
