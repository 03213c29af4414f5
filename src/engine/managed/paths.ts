// Where the managed engine keeps its things: what must last in the state folder, what a reboot may clear in the run folder.

import { join } from "node:path";

export type ManagedPaths = {
  /** Images, containers and volumes. */
  readonly dataRoot: string;
  readonly configFile: string;
  readonly logFile: string;
  /** What was on the host before the first start: undone by the clean stop. */
  readonly hostBeforeFile: string;
  /** Only root may enter: who opens the socket in it is root on the host. */
  readonly privateFolder: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly execRoot: string;
  readonly containerdPidFile: string;
  readonly stateFolder: string;
};

export function managedPaths(stateFolder: string, runFolder: string): ManagedPaths {
  const lasting = join(stateFolder, "engine");
  const privateFolder = join(runFolder, "engine");
  return {
    stateFolder: lasting,
    dataRoot: join(lasting, "data"),
    configFile: join(lasting, "daemon.json"),
    logFile: join(lasting, "engine.log"),
    hostBeforeFile: join(lasting, "host-before.json"),
    privateFolder,
    socket: join(privateFolder, "docker.sock"),
    pidFile: join(privateFolder, "docker.pid"),
    execRoot: join(privateFolder, "exec"),
    containerdPidFile: join(privateFolder, "exec/containerd/containerd.pid"),
  };
}
