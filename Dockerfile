# syntax=docker/dockerfile:1
# The gateway as a container: `docker build -t celosia .`, then deploy/container/compose.yaml. In production name the base
# image by its digest too, so that a build tomorrow is the build of today.

FROM node:26-slim AS packages
WORKDIR /opt/celosia
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-slim
# No npm in what runs: it is a way to load code that nobody has looked at.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
  && mkdir -p /var/lib/celosia /etc/celosia \
  && chown 10001:10001 /var/lib/celosia \
  && chmod 0700 /var/lib/celosia
WORKDIR /opt/celosia
COPY --from=packages /opt/celosia/node_modules ./node_modules
COPY LICENSE package.json ./
COPY bin ./bin
COPY config ./config
COPY demo ./demo
COPY src ./src
ENV NODE_ENV=production \
  CELOSIA_JOURNAL=/var/lib/celosia/audit \
  CELOSIA_SPOOL=/var/lib/celosia/spool
# A number, so that an orchestrator can tell that it is not root. It owns nothing but the journal.
USER 10001:10001
# The audit of a gateway without Redis. Nothing else is written: the root file system may be read-only.
VOLUME ["/var/lib/celosia"]
EXPOSE 8080
STOPSIGNAL SIGTERM
# Alive is enough here: a gateway that is not ready refuses, and a restart would not make Redis or an issuer come back.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:9090/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/celosia/bin/celosia.js"]
# Metrics and probes stay inside of the container. Where something outside asks for them (Kubernetes, Prometheus), say
# `--admin-host 0.0.0.0` and see to it that only that can reach port 9090.
CMD ["serve", "--config", "/etc/celosia/policies.yaml", "--host", "0.0.0.0", "--port", "8080", "--admin-host", "127.0.0.1", "--admin-port", "9090"]
