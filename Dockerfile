# The dependencies are a layer of their own, so that a change of ours does not build them again.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY migration/Cargo.toml migration/
COPY sim/Cargo.toml sim/
RUN mkdir -p src migration/src sim/src benches locales \
 && echo 'fn main() {}' > src/main.rs \
 && touch src/lib.rs migration/src/lib.rs sim/src/lib.rs \
 && for bench in $(sed -n '/^\[\[bench\]\]/{n;s/name = "\(.*\)"/\1/p}' Cargo.toml); do echo 'fn main() {}' > "benches/$bench.rs"; done \
 && cargo build --release --locked --no-default-features
COPY i18n.toml ./
COPY locales locales
COPY migration migration
COPY src src
RUN touch src/main.rs src/lib.rs migration/src/lib.rs \
 && cargo build --release --locked --no-default-features

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /data karvan
COPY --from=build /src/target/release/karvan /usr/local/bin/karvan
USER karvan
WORKDIR /data
VOLUME /data
ENV DATABASE_URL=sqlite:///data/karvan.db?mode=rwc
ENTRYPOINT ["karvan"]
