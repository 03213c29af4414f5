// Host paths that give whoever binds them the engine itself: its sockets, its state, and ours.

import { realpath } from "node:fs/promises";

/** Where engines usually keep sockets and state; the ones in use come on top. */
export const defaultProtectedPaths: readonly string[] = [
  "/run/docker.sock",
  "/run/docker",
  "/run/containerd",
  "/run/podman",
  "/run/crio",
  "/run/plimsoll",
  "/var/lib/docker",
  "/var/lib/containerd",
  "/var/lib/containers",
  "/var/lib/plimsoll",
  "/etc/docker",
  "/etc/plimsoll",
];

/** True when binding `path` reaches one of the protected paths: it is one, lies in one, or holds one. */
export function reachesProtected(path: string, protectedPaths: readonly string[]): boolean {
  return protectedPaths.some((guarded) => isWithin(path, guarded) || isWithin(guarded, path));
}

/** The paths as given and after their symbolic links: /var/run is a link on every current system. */
export async function resolveAll(paths: readonly string[]): Promise<readonly string[]> {
  const resolved = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return [...new Set([...paths, ...resolved])];
}

function isWithin(path: string, folder: string): boolean {
  if (folder === "/") return true;
  return path === folder || path.startsWith(`${folder}/`);
}
