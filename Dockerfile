# Two stages: what builds the site does not run it.
FROM python:3.12-slim-trixie AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/gongyi UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir "uv>=0.8,<1"
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
# Neither needs a secret or a database: the settings of a laptop do.
ENV GONGYI_ENV=local GONGYI_HOME=/tmp/build STATIC_ROOT=/opt/static
RUN /opt/gongyi/bin/python manage.py compile_po \
 && /opt/gongyi/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.12-slim-trixie
# pg_dump and pg_restore of the server's version, for backup and restore.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/gongyi --shell /usr/sbin/nologin gongyi \
 && install -d -o gongyi -g gongyi -m 0750 /var/lib/gongyi
COPY --from=build /opt/gongyi /opt/gongyi
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/gongyi/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GONGYI_ENV=production GONGYI_HOME=/var/lib/gongyi STATIC_ROOT=/opt/static HOST=0.0.0.0 PORT=8000
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["deploy/web.sh"]
