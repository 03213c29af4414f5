// What an image's config asks of the engine and of everybody who reads it. The author writes it; nothing in it is checked.
// Sources: OCI image-spec config.md; CVE-2024-40635 (user ids wrap around), CVE-2024-21626 (working directory in
// /proc/self/fd), CVE-2026-53488 (labels that other software obeys); ld.so(8).

import type { ConfigRule, Detail } from "./rule.ts";

const details = (texts: readonly string[]): readonly Detail[] => texts.map((what) => ({ what }));

export const configRules: readonly ConfigRule[] = [
  {
    id: "runs-as-root",
    severity: "medium",
    title: "the image runs as root",
    remedy: "end the Dockerfile with USER and a number above 0",
    inspect: ({ user }) =>
      /^(?:|0+|root)(?::.*)?$/.test(user.trim()) ? details([user === "" ? "no user is set" : `user ${user}`]) : [],
  },
  {
    id: "user-out-of-range",
    severity: "high",
    title: "the user or group is a number that engines have read as 0",
    remedy: "use a user number below 65535",
    inspect: ({ user }) =>
      details(
        user
          .split(":")
          .filter((part) => /^[+-]?\d+$/.test(part) && !(Number(part) >= 0 && Number(part) < 2 ** 31))
          .map((part) => part),
      ),
  },
  {
    id: "user-malformed",
    severity: "medium",
    title: "the user is no name and no number",
    remedy: "set USER to a name or a number",
    inspect: ({ user }) =>
      user === "" ||
      /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?$/.test(user) ||
      /^[+-]?\d+(?::[+-]?\d+)?$/.test(user)
        ? []
        : details([user]),
  },
  {
    id: "working-directory",
    severity: "critical",
    title: "the working directory leads out of the image's own files",
    remedy: "set WORKDIR to an absolute path outside of /proc, /sys and /dev",
    inspect: ({ workingDirectory: path }) =>
      path === "" || (isCleanPath(path) && !isKernelPath(path)) ? [] : details([path]),
  },
  {
    id: "volume-path",
    severity: "high",
    title: "a volume hides a path that the system needs",
    remedy: "declare volumes only for the directories of the application's own data",
    inspect: ({ volumes }) =>
      details(
        volumes.filter(
          (path) =>
            !isCleanPath(path) ||
            isKernelPath(path) ||
            /^\/(?:etc|bin|sbin|lib\w*|usr|boot|run|var\/run|root)?(?:\/.*\.sock)?\/?$/.test(path),
        ),
      ),
  },
  {
    id: "onbuild-trigger",
    severity: "low",
    title: "builds that start from this image run its commands",
    remedy: "remove ONBUILD and let each Dockerfile say what it does",
    inspect: ({ onBuild }) => details(onBuild),
  },
  {
    id: "loader-environment",
    severity: "medium",
    title: "a variable loads code into every program",
    remedy: "remove the variable from ENV",
    inspect: ({ env }) =>
      env
        .filter((text) => loaderVariables.test(text))
        .map((what) => ({
          what,
          ...(/^(?:LD_PRELOAD|LD_AUDIT)=/.test(what) && !/^[^=]*=[^=]*(?:jemalloc|tcmalloc|mimalloc)[^:\s]*$/.test(what)
            ? { severity: "high" as const }
            : {}),
        })),
  },
  {
    id: "search-path",
    severity: "high",
    title: "programs are looked for where others may write",
    remedy: "keep only absolute directories that root alone can write to in PATH",
    inspect: ({ env }) =>
      details(
        env
          .filter((text) => text.startsWith("PATH="))
          .flatMap((text) =>
            text
              .slice(5)
              .split(":")
              .filter((part) => !isCleanPath(part) || isWritableFolder(part))
              .map((part) => (part === "" ? "an empty entry means the current directory" : part)),
          ),
      ),
  },
  {
    id: "entrypoint-path",
    severity: "medium",
    title: "the program that starts lies where others may write",
    remedy: "install the program in a directory that root alone can write to",
    inspect: ({ entrypoint, command }) =>
      details([entrypoint[0] ?? command[0] ?? ""].filter((path) => isWritableFolder(path) || isKernelPath(path))),
  },
  {
    id: "obeyed-label",
    severity: "medium",
    title: "a label tells other software on the host what to do",
    remedy: "remove the label; give it where the container is started",
    inspect: ({ labels }) =>
      Object.keys(labels)
        .filter((name) => obeyedLabels.test(name))
        .map((what) => ({ what })),
  },
  {
    id: "claimed-trust",
    severity: "low",
    title: "a label claims what only a signature can prove",
    remedy: "remove the label and sign the image",
    inspect: ({ labels }) =>
      details(
        Object.keys(labels).filter((name) =>
          /(?:^|[._-])(?:signed|signed-by|signature|verified|trusted|scanned|approved)(?:$|[._-])/i.test(name),
        ),
      ),
  },
  {
    id: "health-check-interval",
    severity: "medium",
    title: "the health check runs more often than once a second",
    remedy: "set HEALTHCHECK --interval to some seconds",
    inspect: ({ healthcheckInterval: nanoseconds }) =>
      nanoseconds !== 0 && nanoseconds < 1_000_000_000 ? details([`every ${nanoseconds / 1_000_000} ms`]) : [],
  },
  {
    id: "stop-signal",
    severity: "medium",
    title: "the stop signal is none",
    remedy: "set STOPSIGNAL to a signal that the program understands, such as SIGTERM",
    inspect: ({ stopSignal }) => (stopSignal === "" || isSignal(stopSignal) ? [] : details([stopSignal])),
  },
  {
    id: "exposed-login",
    severity: "medium",
    title: "a port for logging in from outside is declared",
    remedy: "remove EXPOSE; use the engine's exec to enter a container",
    inspect: ({ exposedPorts }) =>
      details(exposedPorts.filter((port) => /^(?:22|23|512|513|514|2222|3389|5900|5901)(?:\/tcp)?$/.test(port))),
  },
  {
    id: "exposed-control",
    severity: "high",
    title: "a port that controls a host or cluster is declared",
    remedy: "remove EXPOSE and do not serve this interface from a container",
    inspect: ({ exposedPorts }) =>
      details(
        exposedPorts.filter((port) => /^(?:2375|2376|2377|4243|2379|2380|6443|10250|10255)(?:\/tcp)?$/.test(port)),
      ),
  },
  {
    id: "history-disagrees",
    severity: "medium",
    title: "the history does not fit the layers",
    remedy: "build the image anew with a builder that writes a true history",
    inspect: ({ history, diffIds }) => {
      const layers = history.filter((line) => !line.isEmptyLayer).length;
      return history.length === 0 || layers === diffIds.length
        ? []
        : details([`${layers} lines for ${diffIds.length} layers`]);
    },
  },
  {
    id: "platform-disagrees",
    severity: "medium",
    title: "the image is for another platform than its index says",
    remedy: "build the image for the platform under which it is published",
    inspect: ({ platform, indexPlatform: promised = platform }) =>
      promised.os === platform.os && promised.architecture === platform.architecture
        ? []
        : details([`${platform.os}/${platform.architecture} in the place of ${promised.os}/${promised.architecture}`]),
  },
  {
    id: "hidden-text",
    severity: "medium",
    title: "a text holds characters that move the cursor or hide letters",
    remedy: "remove control characters from the image's config",
    inspect: (config) => details(allTexts(config).filter((text) => hidden.test(text))),
  },
];

const loaderVariables =
  /^(?:LD_PRELOAD|LD_AUDIT|LD_LIBRARY_PATH|GCONV_PATH|GLIBC_TUNABLES|BASH_ENV|ENV|PYTHONSTARTUP|PERL5OPT|PERL5DB|RUBYOPT|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS)=.|^NODE_OPTIONS=.*(?:--require|--import|--loader|-r )/;

/** Compose, reverse proxies, updaters, schedulers, runtimes and development tools that read labels of images as orders. */
const obeyedLabels =
  /^(?:com\.docker\.(?:compose|swarm|stack)\.|traefik\.|caddy(?:[._]|$)|com\.github\.(?:nginx-proxy|jrcs\.letsencrypt)|io\.kubernetes\.|io\.containerd\.|io\.cri-containerd\.|io\.containers\.|io\.podman\.|io\.crio\.|PODMAN_SYSTEMD_UNIT$|(?:RUN|INSTALL|UNINSTALL)$|com\.centurylinklabs\.watchtower|wud\.|ouroboros|ofelia\.|chadburn\.|docker-volume-backup|dev\.dozzle|homepage\.|autoheal|deunhealth|swarm\.cronjob|devcontainer\.metadata|com\.datadoghq\.ad\.|co\.elastic\.|prometheus\.io|io\.balena\.|plimsoll\.)/i;

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for
const hidden = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/;

function allTexts(config: Parameters<ConfigRule["inspect"]>[0]): readonly string[] {
  const labels = Object.entries(config.labels).flat();
  return [
    config.user,
    config.workingDirectory,
    config.stopSignal,
    ...config.env,
    ...config.entrypoint,
    ...config.command,
    ...labels,
    ...config.volumes,
    ...config.exposedPorts,
  ];
}

function isCleanPath(path: string): boolean {
  return path.startsWith("/") && !path.split("/").some((part) => part === "." || part === "..");
}

/** /dev/shm too: it is a folder for everybody. */
function isKernelPath(path: string): boolean {
  return /^\/+(?:proc|sys|dev)(?:\/|$)/.test(path);
}

function isWritableFolder(path: string): boolean {
  return /^\/+(?:tmp|var\/tmp|dev\/shm|run\/lock|var\/lock)(?:\/|$)/.test(path);
}

const signals =
  "HUP INT QUIT ILL TRAP ABRT IOT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO POLL PWR SYS";

function isSignal(text: string): boolean {
  if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= 64;
  const name = text.toUpperCase().replace(/^SIG/, "");
  return signals.split(" ").includes(name) || /^RTMIN(?:\+(?:\d|1[0-5]))?$|^RTMAX(?:-(?:\d|1[0-4]))?$/.test(name);
}
