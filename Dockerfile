# syntax=docker/dockerfile:1
# The site as one image: web server, worker and scheduler differ only in their command (compose.yaml).

FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/base.txt requirements/base.txt
RUN /venv/bin/pip install --require-hashes -r requirements/base.txt

FROM python:3.13-slim
# Pango draws the text of PDF certificates; Noto has the glyphs that Sarabun lacks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-noto-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home sala \
    && install -d -o sala -g sala /data/media /data/attachments
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=lms.settings.production \
    LMS_STATIC_ROOT=/app/static \
    LMS_MEDIA_ROOT=/data/media \
    LMS_ATTACHMENTS_ROOT=/data/attachments
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=assets /app/node_modules node_modules
COPY manage.py ./
COPY deploy deploy
COPY scripts scripts
COPY locale locale
COPY themes themes
COPY activities activities
COPY courses courses
COPY lms lms
COPY search search
RUN python scripts/compile_messages.py \
    && LMS_SECRET_KEY=only-while-building LMS_ALLOWED_HOSTS=localhost \
        python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q activities courses lms search themes
USER sala
VOLUME /data/media /data/attachments
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "lms.wsgi", "-c", "deploy/gunicorn.py"]
