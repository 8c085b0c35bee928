# One image, three commands (docs/adr/0008-one-image-three-commands.md):
#   node dist/apps/gateway/src/main.js
#   node dist/apps/trigger-router/src/main.js
#   node dist/apps/executor/src/main.js
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Platform binaries of the compilers are optional packages; those of Postgres and ffmpeg are not used in an image.
RUN npm ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build.mjs && node node_modules/vite/bin/vite.js build --logLevel warn console

FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
# tini reaps what killed functions leave to PID 1; ffmpeg and python3 are what functions call.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini ffmpeg python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /build/node_modules node_modules
COPY package.json LICENSE ./
COPY functions functions
COPY workflows workflows
# The bootstraps that run inside of sandboxes: they are not compiled, and looked for beside dist/.
COPY libs/sandbox/runtimes libs/sandbox/runtimes
COPY --from=build /build/dist dist
RUN mkdir /var/lib/spool && chown node:node /var/lib/spool
USER node
ENTRYPOINT ["tini", "--"]
CMD ["node", "--enable-source-maps", "dist/apps/gateway/src/main.js"]
