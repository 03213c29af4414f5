// The environment variables of the widely used socket proxies, so that their containers can be replaced as they are.
// Source: Tecnativa/docker-socket-proxy README, "Grant or revoke access to certain API sections", and Dockerfile;
// linuxserver/socket-proxy; wollomatic/socket-proxy internal/config/config.go.

type Environment = Readonly<Record<string, string | undefined>>;

const names: readonly string[] = [
  "ALLOW_ARCHIVE",
  "ALLOW_ATTACH",
  "ALLOW_EXEC",
  "ALLOW_EXPORT",
  "ALLOW_KILL",
  "ALLOW_LOGS",
  "ALLOW_PAUSE",
  "ALLOW_RESTARTS",
  "ALLOW_START",
  "ALLOW_STOP",
  "ALLOW_UNPAUSE",
  "AUTH",
  "BUILD",
  "COMMIT",
  "CONFIGS",
  "CONTAINERS",
  "DELETE",
  "DISTRIBUTION",
  "EVENTS",
  "EXEC",
  "GRPC",
  "IMAGES",
  "INFO",
  "NETWORKS",
  "NODES",
  "PATCH",
  "PING",
  "PLUGINS",
  "POST",
  "PUT",
  "SECRETS",
  "SERVICES",
  "SESSION",
  "SWARM",
  "SYSTEM",
  "TASKS",
  "VERSION",
  "VOLUMES",
];

/**
 * Those that are set to `0` or `1`. One that is not (a shell's own VERSION=1.2) belongs to somebody else, and PING, INFO
 * or EVENTS alone are too common to mean anything: at least one section that only a socket proxy has must be there.
 */
export function socketProxyVariables(environment: Environment): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = environment[name];
    return value === "0" || value === "1" ? [[name, value] as const] : [];
  });
  const isMeant = found.some(([name]) =>
    ["CONTAINERS", "POST", "IMAGES", "NETWORKS", "VOLUMES", "EXEC"].includes(name),
  );
  return isMeant ? Object.fromEntries(found) : {};
}

/** The engine's socket, as the proxies are told it; undefined where no proxy is meant or the value is no path. */
export function socketProxyEngine(environment: Environment): string | undefined {
  const path = environment["SOCKET_PATH"] ?? "";
  const isMeant = Object.keys(socketProxyVariables(environment)).length > 0;
  return isMeant && environment["DOCKER_HOST"] === undefined && /^\/[^\0]+$/.test(path) ? path : undefined;
}

/** What a proxy's container has for itself: where it listens and what it prints is said otherwise here. */
const meaningless: readonly string[] = ["BIND_CONFIG", "DISABLE_IPV6", "LOG_LEVEL"];
/** Switches of other proxies, and those to come: a section or ALLOW, and more words. */
const likeSwitch = /^(?:ALLOW|CONTAINERS|EXEC|IMAGES|NETWORKS|VOLUMES)(?:_[A-Z0-9]+)+$/;
/** wollomatic/socket-proxy: regular expressions over paths, which policies here do not have. */
const ofWollomatic =
  /^SP_(?:ALLOW(?:FROM|HEALTHCHECK|BINDMOUNTFROM|_[A-Z]+)|LISTENIP|LOGJSON|LOGLEVEL|PROXY[A-Z]+|SOCKETPATH|SHUTDOWNGRACETIME|STOPONWATCHDOG|WATCHDOGINTERVAL)$/;

/** Variables of socket proxies that are set and change nothing here: an operator has to hear of them. */
export function unreadProxyVariables(environment: Environment): readonly string[] {
  const isMeant = Object.keys(socketProxyVariables(environment)).length > 0;
  const isSwitch = (value: string | undefined): boolean => value === "0" || value === "1";
  return Object.keys(environment)
    .filter((name) => {
      const value = environment[name];
      if (value === undefined || value === "") return false;
      if (ofWollomatic.test(name)) return true;
      if (!isMeant) return false;
      if (name === "SOCKET_PATH") return socketProxyEngine(environment) === undefined;
      if (names.includes(name)) return !isSwitch(value);
      return meaningless.includes(name) || (likeSwitch.test(name) && isSwitch(value));
    })
    .sort();
}
