// Puts a listening socket file in its place: nobody can connect before it has its final mode and group, and a socket that
// somebody else serves is never taken away from them.

import { chmod, chown, lstat, mkdtemp, rename, rm, rmdir, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { ListenerOptions } from "../listener.ts";

const defaultFileMode = 0o660;
/** sun_path of sockaddr_un, without its final NUL. */
const maxPathBytes = 107;

export type UnixAddress = {
  readonly address: string;
  /** Takes the socket file away, if it is still ours. */
  remove(): Promise<void>;
};

/** @throws PlimsollError LISTEN_FAILED, CONFIG_INVALID */
export async function listenOnUnix(server: Server, options: ListenerOptions): Promise<UnixAddress> {
  if (options.fd !== undefined) {
    await listen(server, { fd: options.fd }, `fd:${options.fd}`);
    return { address: `fd:${options.fd}`, remove: async () => undefined };
  }
  const path = options.path;
  if (path === undefined || !path.startsWith("/")) throw noPath(path);
  await removeStale(path);
  const inode = await bindPrivately(server, path, options);
  return { address: path, remove: () => removeOwn(path, inode) };
}

/** Binds in a folder that only we can enter, sets mode and group, and then moves the finished socket to its place. */
async function bindPrivately(server: Server, path: string, options: ListenerOptions): Promise<number> {
  const folder = await makeFolder(path);
  const hidden = join(folder, "s");
  try {
    if (Buffer.byteLength(hidden) > maxPathBytes) throw failed(path, `a path longer than ${maxPathBytes - 10} bytes`);
    await listen(server, { path: hidden }, path);
    if (options.gid !== undefined) await chown(hidden, -1, options.gid);
    await chmod(hidden, options.fileMode ?? defaultFileMode);
    const { ino } = await lstat(hidden);
    await rename(hidden, path);
    return ino;
  } catch (cause) {
    server.close();
    throw cause instanceof PlimsollError ? cause : failed(path, errorText(cause), cause);
  } finally {
    await rm(hidden, { force: true });
    await rmdir(folder).catch(() => undefined);
  }
}

async function makeFolder(path: string): Promise<string> {
  try {
    return await mkdtemp(join(dirname(path), `.${basename(path).slice(0, 8)}-`));
  } catch (cause) {
    throw failed(path, errorText(cause), cause);
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw failed(path, "something that is no socket is there");
  if (await isAnswered(path)) throw failed(path, "another program listens there");
  await unlink(path);
}

/** Only a refused connection proves that nobody listens. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
    );
  });
}

async function removeOwn(path: string, inode: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.ino === inode) await unlink(path);
}

function listen(server: Server, where: { path: string } | { fd: number }, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => reject(failed(address, errorText(cause), cause));
    server.once("error", onError);
    server.listen({ ...where, backlog: 4096 }, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function failed(path: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("LISTEN_FAILED", `cannot listen on ${path}: ${what}`, {
    hint: "choose another path, stop the program that holds it, or correct the folder's permissions",
    cause,
  });
}

function noPath(path: string | undefined): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `listener: expected an absolute socket path, found ${path ?? "nothing"}`, {
    hint: "set the listener's path, /run/plimsoll/docker.sock for example",
  });
}
