# syntax=docker/dockerfile:1
# Two stages: what builds stays behind; what runs has the code, the environment and the static files, all read-only.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.lock
WORKDIR /app
COPY . .
# Collecting static files reads settings, not secrets: these values end with this line.
RUN SECRET_KEY=build DATABASE_URL=postgres://build REDIS_URL=redis://build ALLOWED_HOSTS=build EMAIL_URL=consolemail:// \
    /opt/venv/bin/python manage.py collectstatic --noinput \
    && /opt/venv/bin/python -m compileall -q /app /opt/venv/lib

FROM nginxinc/nginx-unprivileged:1.28-alpine AS nginx
COPY docker/nginx.conf /etc/nginx/nginx.conf
COPY --from=build /app/staticfiles /srv/static

FROM python:3.11-slim-bookworm AS portal
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portaal \
    && install -d -o portaal -g portaal -m 0750 /data/media
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MEDIA_ROOT=/data/media XDG_CACHE_HOME=/tmp/cache
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["gunicorn", "-c", "docker/gunicorn.conf.py", "-b", "0.0.0.0:8000", "ibnportal.wsgi:application"]
