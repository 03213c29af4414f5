// The environment variables of the widely used socket proxies, so that their containers can be replaced as they are.
// Source: Tecnativa/docker-socket-proxy README, "Grant or revoke access to certain API sections"; linuxserver/socket-proxy.

const names: readonly string[] = [
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
  "DISTRIBUTION",
  "EVENTS",
  "EXEC",
  "GRPC",
  "IMAGES",
  "INFO",
  "NETWORKS",
  "NODES",
  "PING",
  "PLUGINS",
  "POST",
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
export function socketProxyVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = environment[name];
    return value === "0" || value === "1" ? [[name, value] as const] : [];
  });
  const isMeant = found.some(([name]) =>
    ["CONTAINERS", "POST", "IMAGES", "NETWORKS", "VOLUMES", "EXEC"].includes(name),
  );
  return isMeant ? Object.fromEntries(found) : {};
}
