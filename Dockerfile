# One image for every process of docker-compose.yml; the command says which.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --create-home --home-dir /home/sessionbeat sessionbeat \
    && mkdir /data && chown sessionbeat /data

COPY requirements.lock /build/
RUN python -m pip install --require-hashes --no-deps --requirement /build/requirements.lock

COPY . /build/
RUN python -m pip install --no-build-isolation --no-deps --no-index /build && rm -rf /build

USER sessionbeat
WORKDIR /home/sessionbeat
VOLUME /data
CMD ["sessionbeat", "--help"]
