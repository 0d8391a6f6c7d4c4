# SPDX-License-Identifier: GPL-2.0-only
# docker build -t pwru . && docker run --privileged -it pwru [options] [pcap-filter]
FROM debian:12 AS build
RUN apt-get update && apt-get install -y --no-install-recommends make
WORKDIR /src
COPY . .
RUN make packages && make -j"$(nproc)" all

FROM debian:12-slim
# What the three programs are linked with.
RUN apt-get update && apt-get install -y --no-install-recommends libbpf1 libdw1 libelf1 libnettle8 libpcap0.8 libseccomp2 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/pwru /src/pwru-record /src/pwru-report /usr/bin/
ENTRYPOINT ["pwru"]
