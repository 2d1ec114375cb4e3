FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml setup.cfg README.md LICENSE ./
COPY tracker_db tracker_db
COPY workers workers
COPY migrations migrations
RUN python -m venv /opt/tracker \
    && /opt/tracker/bin/pip install --no-cache-dir '.[worker,notify,llm]'

FROM python:3.13-slim
# TLS is verified against the system's certificates.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 tracker
COPY --from=build /opt/tracker /opt/tracker
ENV PATH=/opt/tracker/bin:$PATH PYTHONUNBUFFERED=1
USER tracker
WORKDIR /home/tracker
# Healthy: the database answers, and nothing has been overdue for more than five minutes.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
    CMD ["tracker", "status", "--check"]
CMD ["tracker", "up"]
