# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# hnswlib-node compiles C++ when it is installed.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
# What an install makes of the sources is made once they are here: a change of theirs needs no new install.
RUN npm pkg delete scripts.prepare && npm ci --no-audit --no-fund
COPY package.json tsconfig.json ./
COPY web ./web
COPY src ./src
COPY offline ./offline
COPY online ./online
COPY data/demo ./data/demo
COPY scripts ./scripts
# The playground and the programs.
RUN npm run prepare
# What runs needs no development tools. TensorFlow.js's native library serves training on big logs; the image does without
# its 900 MB unless it is built with --build-arg NATIVE_TENSORFLOW=true.
ARG NATIVE_TENSORFLOW=false
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && if [ "$NATIVE_TENSORFLOW" != true ]; then rm -rf node_modules/@tensorflow/tfjs-node; fi

FROM ${NODE_IMAGE}
# Large arrays come straight from the system, and go back to it when an artifact is replaced, instead of leaving the
# allocator's heap in pieces.
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=262144
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/web/dist ./web/dist
COPY --from=build /app/build ./build
COPY package.json ./
COPY data/schemas ./data/schemas
# /config holds winnow.yaml and what it names; /data is the workspace.
RUN mkdir -p /config /data && chown 1000:1000 /data
# The image's own user `node`, by number, so that an orchestrator can see it is not root.
USER 1000:1000
VOLUME ["/data"]
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The one process gets SIGTERM itself and shuts down in order.
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=20", "--no-allocation-site-pretenuring"]
CMD ["build/service.js", "serve", "--config", "/config/winnow.yaml", "--workspace", "/data", "--host", "0.0.0.0", "--port", "3000"]
