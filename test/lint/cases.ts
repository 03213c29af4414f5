// For each rule a Dockerfile that breaks it, where, and its neighbour that does not.

export type LintCase = {
  readonly bad: string;
  /** `line:column` of each finding of the rule. */
  readonly at: readonly string[];
  readonly good: string;
};

const tail = "\nUSER 1000\n";
/** A file with one instruction in it. */
const one = (line: string): string => `FROM acme/base:1@sha256:${"0".repeat(64)}\n${line}${tail}`;
const pair = (bad: string, at: string, good: string): LintCase => ({ bad: one(bad), at: [at], good: one(good) });
const files = (bad: string, at: string, good: string): LintCase => ({ bad, at: at.split(" "), good });

export const lintCases: Readonly<Record<string, LintCase>> = {
  "not-buildable": pair("RUN <<EOF\necho", "2:5", "RUN <<EOF\necho\nEOF"),
  "empty-continuation": pair("RUN a \\\n\n  b", "3:1", "RUN a \\\n# comment\n  b"),
  "unknown-instruction": pair("RUNN a", "2:1", "run a"),
  "unknown-flag": pair("COPY --form=x a /b", "2:6", "COPY --from=acme/x:1@sha256:0 a /b"),
  "no-from": files("ENV a=b\nFROM x", "1:1", "ARG a=b\nFROM x"),
  "empty-instruction": pair("WORKDIR", "2:1", "WORKDIR /a"),
  overwritten: pair('CMD ["a"]\nCMD ["b"]', "2:1", 'CMD ["a"]'),
  "shell-form": pair("ENTRYPOINT serve --port 80", "2:1", 'ENTRYPOINT ["serve"]'),
  "almost-json": pair("CMD ['serve']", "2:1", 'CMD ["serve"]'),
  "old-form": pair("ENV NAME a value", "2:5", "ENV NAME=value"),
  "malformed-arguments": files(
    'FROM x AS\nENV A=b C\nLABEL a\nHEALTHCHECK ls\nSHELL /bin/sh\nENV A="b C" D',
    "1:1 2:1 3:1 4:1 5:1 6:1",
    'FROM x AS y\nENV A="b C" D=\nENV A b c\nLABEL a ""\nHEALTHCHECK CMD ls\nHEALTHCHECK none\nSHELL ["/bin/sh"]',
  ),
  maintainer: pair("MAINTAINER me", "2:1", "LABEL org.opencontainers.image.authors=me"),
  "mixed-case": pair("run a", "2:1", "RUN a"),
  "argument-out-of-scope": files("ARG V=1\nFROM a:$V\nRUN echo $V", "3:1", "ARG V=1\nFROM a:$V\nARG V\nRUN echo $V"),
  "exposed-nonsense": pair("EXPOSE http 80", "2:8", "EXPOSE 80/tcp 8000-8010 $PORT"),
  "hidden-text": pair("RUN echo \u202eevil", "2:10", "RUN echo grüße"),
  "base-latest": files("FROM debian\nFROM debian:latest AS b\nFROM b", "1:6 2:6", "FROM debian:12\nFROM scratch"),
  "base-without-digest": files(
    "FROM registry:5000/debian:12",
    "1:6",
    `FROM registry:5000/debian:12@sha256:${"0".repeat(64)}`,
  ),
  "foreign-frontend": files("# syntax=evil/frontend:1\nFROM a", "1:1", "# syntax=docker/dockerfile:1.7\nFROM a"),
  "copy-from-unpinned": pair("COPY --from=golang /a /b", "2:6", "COPY --from=golang:1.22 /a /b"),
  "stage-unknown": files(
    "FROM a AS x\nCOPY --from=y /a /b\nFROM a AS y",
    "2:6",
    "FROM a AS y\nFROM a AS x\nCOPY --from=y /a /b\nCOPY --from=0 /a /b",
  ),
  "stage-twice": files("FROM a AS x\nFROM b AS X", "2:1", "FROM a AS x\nFROM b AS y"),
  "stage-name": files("FROM a AS scratch", "1:1", "FROM a AS build-1"),
  "stage-unused": files("FROM a AS x\nFROM b", "1:1", "FROM a AS x\nFROM b\nRUN --mount=type=bind,from=x,target=/x ls"),
  "argument-unknown": files("FROM a:$V", "1:6", `ARG V\nFROM a:\${V:-1}\nFROM b:\${W:-2}`),
  "base-platform": files("FROM --platform=linux/amd64 a", "1:6", "FROM --platform=$BUILDPLATFORM a"),
  "secret-in-file": pair(
    `RUN curl -H "Authorization: Bearer ${["sk_live_", "Zk3vQ9mX2rT7wLp4Ns8bYc6D"].join("")}" https://a.test`,
    "2:1",
    "RUN curl https://a.test",
  ),
  "secret-in-environment": pair("ENV A=1 DB_PASSWORD=q8Zr5tYn2m", "2:9", "ENV DB_PASSWORD_FILE=/run/secrets/db"),
  "secret-in-argument": pair("ARG NPM_TOKEN", "2:5", "ARG VERSION=1"),
  "private-file-copied": pair("COPY src id_rsa /root/.ssh/", "2:10", "COPY src /app/"),
  "password-in-command": pair("RUN echo root:q8Zr5t | chpasswd", "2:24", "RUN passwd -l root"),
  "add-remote": pair("ADD https://a.test/x.tgz /x/", "2:5", "ADD --checksum=sha256:0 https://a.test/x.tgz /x/"),
  "add-local": pair("ADD src /app/", "2:1", "ADD src.tar.gz /app/"),
  "copy-many": pair("COPY a b /app", "2:10", "COPY a b /app/"),
  "copy-incomplete": pair("COPY a", "2:1", "COPY a ."),
  "copy-open": pair("COPY --chmod=777 a /a", "2:6", "COPY --chmod=755 a /a"),
  "runs-as-root": files("FROM a AS x\nUSER 1\nFROM b", "3:1", "FROM a AS x\nUSER 1\nFROM x"),
  "user-out-of-range": files("FROM a\nUSER 4294967296", "2:1", "FROM a\nUSER 1000:1000"),
  "user-malformed": files("FROM a\nUSER ../x", "2:1", "FROM a\nUSER app:app"),
  "volume-path": pair('VOLUME ["/proc/1"]', "2:1", 'VOLUME ["/data"]'),
  "exposed-login": pair("EXPOSE 22", "2:1", "EXPOSE 8080"),
  "exposed-control": pair("EXPOSE 2375/tcp", "2:1", "EXPOSE 8080"),
  "stop-signal": pair("STOPSIGNAL SIGNOPE", "2:1", "STOPSIGNAL SIGQUIT"),
  "obeyed-label": pair("LABEL com.docker.compose.project=x", "2:1", "LABEL org.opencontainers.image.source=x"),
  "loader-environment": pair("ENV LD_PRELOAD=/tmp/x.so", "2:1", "ENV LANG=C.UTF-8"),
  "entrypoint-path": pair('ENTRYPOINT ["/tmp/run"]', "2:1", 'ENTRYPOINT ["/usr/bin/run"]'),
  "search-path": pair("ENV PATH=/tmp/bin:$PATH", "2:5", "ENV PATH=/opt/bin:$PATH"),
  "working-directory": pair("WORKDIR /proc/self/fd/8", "2:1", "WORKDIR /srv/app"),
  "onbuild-trigger": pair("ONBUILD RUN make", "2:1", "RUN make"),
  "health-check-interval": pair(
    'HEALTHCHECK --interval=5ms CMD ["true"]',
    "2:13",
    'HEALTHCHECK --interval=30s CMD ["true"]',
  ),
  "download-into-shell": pair(
    "RUN set -e; \\\n  curl -sSL https://a.test/i.sh | tee x | sudo bash -s",
    "3:48",
    "RUN curl -o i.sh https://a.test/i.sh && sha256sum -c sums | grep OK && sh i.sh",
  ),
  "checks-switched-off": pair("RUN curl -fsSLk https://a.test", "2:5", "RUN curl -fsSL https://a.test"),
  "plain-download": pair("RUN wget http://a.test/x", "2:5", "RUN wget https://a.test/x && curl http://localhost/"),
  "sudo-used": pair("RUN sudo make install", "2:10", "RUN echo sudoku"),
  "setuid-made": pair("RUN chmod u+s /bin/x", "2:5", "RUN chmod 1777 /tmp"),
  "open-permissions": pair("RUN chmod -R 777 /srv", "2:5", "RUN chmod -R 755 /srv"),
  "login-server": pair(
    "RUN apt-get update && apt-get install -y --no-install-recommends openssh-server && rm -rf /var/lib/apt/lists/*",
    "2:23",
    "RUN apt-get update && apt-get install -y --no-install-recommends openssh-client && rm -rf /var/lib/apt/lists/*",
  ),
  "root-by-sudo": pair(
    "RUN echo 'app ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/app",
    "2:5",
    "RUN usermod -a -G audio app",
  ),
  "privileged-build": pair("RUN --security=insecure make", "2:5", "RUN --security=sandbox make"),
  "host-network-build": pair("RUN --network=host make", "2:5", "RUN --network=none make"),
  "engine-socket": pair("VOLUME /var/run/docker.sock", "2:1", "VOLUME /data"),
  "directory-lost": pair("RUN cd /srv", "2:1", "RUN cd /srv && make"),
  "apt-update-apart": pair(
    "RUN apt-get update",
    "2:1",
    "RUN apt-get update && apt-get install -y --no-install-recommends a && rm -rf /var/lib/apt/lists/*",
  ),
  "install-asks": pair(
    "RUN dnf install a && dnf clean all",
    "2:5",
    "RUN dnf install -y a && dnf clean all && apk add --no-cache b",
  ),
  "install-recommends": pair(
    "RUN apt-get update && apt-get install -y a && rm -rf /var/lib/apt/lists/*",
    "2:23",
    "RUN --mount=type=cache,target=/var/lib/apt apt-get install -y --no-install-recommends a",
  ),
  "package-lists-left": pair("RUN <<EOF\nset -e\napk add a\nEOF", "4:1", "RUN apk add --no-cache a"),
  "whole-upgrade": pair("RUN apt-get -y dist-upgrade", "2:5", "RUN apt-get -y upgrade libssl3"),
  "apt-for-people": pair("RUN apt update", "2:5", "RUN apt-get update"),
  "dependencies-unlocked": pair("RUN npm install", "2:5", "RUN npm ci && npm install -g a@1"),
};
