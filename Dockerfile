# One image a daemon: docker build --target gateway (or publisher, reporter), and of a source's
# collector docker build --target collector --build-arg COLLECTOR=NAME. Compose builds all; the
# compilation is shared.

FROM debian:bookworm-slim AS build
COPY scripts/packages /tmp/packages
RUN . /tmp/packages \
 && apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $BUILD_PACKAGES \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY libs libs
COPY services services
COPY tools tools
# There is no .git here: --build-arg REVISION=$(git rev-parse --short=12 HEAD)
ARG REVISION=""
RUN cmake --preset release -DEVENTS_REVISION="$REVISION" && cmake --build --preset release
RUN mkdir /out && install --strip build/release/bin/* /out

FROM debian:bookworm-slim AS runtime-files
COPY scripts/packages /tmp/packages
RUN . /tmp/packages \
 && apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $RUNTIME_PACKAGES \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /usr/share/doc /usr/share/man /usr/share/info \
      /usr/share/locale /tmp/packages \
 && useradd --system --user-group --uid 900 --home-dir /var/lib/events-handler --create-home \
      --shell /usr/sbin/nologin events

# In one layer, so that what was removed is not carried along.
FROM scratch AS runtime
COPY --from=runtime-files / /
ENV HOST=0.0.0.0 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
STOPSIGNAL SIGTERM
USER events
WORKDIR /var/lib/events-handler

# In each image: --version shows that every library is there, --health-check asks /readiness.

FROM runtime AS publisher
COPY --from=build /out/publisher /usr/bin/publisher
RUN ["/usr/bin/publisher", "--version"]
ENV PORT=3005
EXPOSE 3005
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/bin/publisher", "--health-check"]
ENTRYPOINT ["/usr/bin/publisher"]

FROM runtime AS gateway
COPY --from=build /out/gateway /out/events-dlq /usr/bin/
# A volume that is put here takes over the folder's owner.
RUN mkdir -m 0700 spool && /usr/bin/gateway --version && /usr/bin/events-dlq --version
ENV PORT=3001
EXPOSE 3001
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/bin/gateway", "--health-check"]
ENTRYPOINT ["/usr/bin/gateway"]

# Of any source. Its port is the daemon's own default.
FROM runtime AS collector
ARG COLLECTOR
RUN test -n "$COLLECTOR" || { echo "which one? --build-arg COLLECTOR=NAME"; exit 64; }
COPY --from=build /out/${COLLECTOR} /out/events-erase /out/events-export-user /usr/bin/
USER root
RUN ln -s "$COLLECTOR" /usr/bin/collector
USER events
RUN /usr/bin/collector --version && /usr/bin/events-erase --version \
 && /usr/bin/events-export-user --version
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/bin/collector", "--health-check"]
ENTRYPOINT ["/usr/bin/collector"]

FROM runtime AS reporter
COPY --from=build /out/reporter /out/events-verify /usr/bin/
# A volume that is put here takes over the folder's owner.
RUN mkdir -m 0700 cache && /usr/bin/reporter --version && /usr/bin/events-verify --version
ENV PORT=3004
EXPOSE 3004
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["/usr/bin/reporter", "--health-check"]
ENTRYPOINT ["/usr/bin/reporter"]
