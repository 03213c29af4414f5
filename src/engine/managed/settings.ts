// The managed engine's daemon.json. Each setting is there for a reason; docs/engines.md tells what it costs.
// Source: docs.docker.com, "dockerd", "Daemon configuration file"; moby 20.10 daemon/config/config_linux.go.

import type { EngineNetwork } from "./network.ts";
import type { ManagedPaths } from "./paths.ts";

/**
 * A containerd of the system is shared, when there is one: own names keep the two apart. These two work only as flags
 * (20.10 refuses `containerd-plugin-namespace` in the file).
 */
export const engineFlags: readonly string[] = [
  "--containerd-namespace=plimsoll",
  "--containerd-plugins-namespace=plimsoll-plugins",
];

export type EngineSettings = {
  readonly network: EngineNetwork;
  /** No more than the engine itself may open: runc could not set it. */
  readonly maxOpenFiles: number;
  /** Root in a container is an unprivileged user on the host. */
  readonly userNamespaces: boolean;
  /** False while the engine is being stopped for good: then its containers stop with it. */
  readonly keepContainers: boolean;
};

export function daemonJson(paths: ManagedPaths, settings: EngineSettings): string {
  return `${JSON.stringify({ ...placeSettings(paths), ...containerSettings(settings), ...networkSettings(settings.network) }, null, 2)}\n`;
}

function placeSettings(paths: ManagedPaths): object {
  return {
    // No TCP, and no group that could open the socket.
    hosts: [`unix://${paths.socket}`],
    group: "root",
    "data-root": paths.dataRoot,
    "exec-root": paths.execRoot,
    pidfile: paths.pidFile,
    "shutdown-timeout": 10,
  };
}

function containerSettings(settings: EngineSettings): object {
  return {
    "live-restore": settings.keepContainers,
    // A setuid program gives a process in a container nothing.
    "no-new-privileges": true,
    // On cgroup v1 the default shows the host's whole tree.
    "default-cgroupns-mode": "private",
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3" },
    "default-ulimits": {
      nofile: { Name: "nofile", Soft: Math.min(1024, settings.maxOpenFiles), Hard: settings.maxOpenFiles },
      // A core dump is the container's memory in a file, and core_pattern is the host's.
      core: { Name: "core", Soft: 0, Hard: 0 },
    },
    ...(settings.userNamespaces ? { "userns-remap": "default" } : {}),
  };
}

function networkSettings(network: EngineNetwork): object {
  if (network.kind === "none") return { bridge: "none", iptables: false, "ip-masq": false };
  return {
    bridge: network.bridge,
    "default-address-pools": [{ base: network.pool, size: 24 }],
    // True on purpose: without the proxy dockerd sets route_localnet on the bridge, and a container that holds the
    // default capability NET_RAW then reaches every service on the host's 127.0.0.1 (test/engine/managed-network.test.ts).
    "userland-proxy": true,
    iptables: network.kind === "own",
    "ip-masq": network.kind === "own",
    // Only for the default bridge: networks of compose files keep their inner traffic.
    ...(network.kind === "own" && network.isolatesBridge ? { icc: false } : {}),
  };
}
