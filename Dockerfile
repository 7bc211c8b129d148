# `partita serve` in a container: DynamoDB's protocol on a store in /data.
#
#   docker build -t partita .
#   docker run -p 8000:8000 -v partita:/data -v ./keys:/run/secrets/keys:ro partita --key-file /run/secrets/keys
#   PARTITA_KEYS=AKID:secret docker run -p 8000:8000 -v partita:/data -e PARTITA_KEYS partita
#
# Other machines can reach it, so it does not start without keys. What follows the image's name are options of
# `partita serve`, such as --memory --seed /seed.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci \
  && npx tsc -b packages/partita packages/cli \
  && node packages/partita/bundle.mjs \
  && node packages/cli/bundle.mjs \
  && npm ci --omit=dev --workspace=packages/partita --workspace=packages/cli \
  && rm -rf packages/*/src

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/packages packages
RUN mkdir --mode=700 /data && chown node:node /data
# Not --path: --memory replaces the variable.
ENV PARTITA_STORE=embedded:/data
VOLUME ["/data"]
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/ping').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/packages/cli/bin/partita.js", "serve", "--host", "0.0.0.0"]
