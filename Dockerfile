# One image for every process of Köprü: web, workers, upkeep, migrations.
FROM python:3.12-slim AS build
WORKDIR /opt/kopru/src
COPY requirements.lock .
RUN python -m venv /opt/kopru && \
    /opt/kopru/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY gateway gateway
COPY connectors connectors
COPY schemas schemas
COPY demo demo
RUN /opt/kopru/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home kopru
COPY --from=build /opt/kopru /opt/kopru
ENV PATH=/opt/kopru/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /tmp
USER 10001
ENTRYPOINT ["kopru"]
CMD ["--help"]
