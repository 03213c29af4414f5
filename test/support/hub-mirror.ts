// What clients' tests pull from Docker Hub, made on the spot and kept by a registry on the engine's own loopback, which the
// engine takes for a mirror of it: pulls are real and nothing leaves the host.
// Source: dockerd's `registry-mirrors`; Engine API reference, PluginCreate (config.json and rootfs).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { TestEngine } from "./engine.ts";
import { request } from "./http.ts";
import { makeImage } from "./images.ts";
import { startRegistry } from "./registry.ts";
import { type TarFile, tar } from "./tar.ts";

/** For the engine's daemon.json. */
export const mirrored = { "registry-mirrors": ["http://127.0.0.1:5000"] } as const;

type Context = { readonly after: (work: () => Promise<void>) => void };

/** @param engine started with `mirrored`; nothing of this is left in it */
export async function startHubMirror(t: Context, engine: TestEngine): Promise<void> {
  const registry = await startRegistry(engine);
  t.after(registry.close);
  const bash = await withLibraries("/bin/bash");
  const files: readonly TarFile[] = [
    ...bash,
    { name: "bin/uptime", type: "1", link: "bin/busybox" },
    { name: "var/log/dmesg", data: "nothing to tell\n", mode: "0644" },
  ];
  for (const name of ["ubuntu", "alpine", "redis"]) {
    const reference = `${registry.host}/library/${name}`;
    await makeImage(engine.socket, { reference, files, changes: ['CMD ["sleep", "600"]'] });
    await push(engine, `/images/${reference}`);
  }
  makePluginFolder(engine);
  await call(engine, "POST", `/plugins/create?name=${registry.host}/vieux/sshfs`, await pluginArchive());
  await push(engine, `/plugins/${registry.host}/vieux/sshfs`);
}

async function push(engine: TestEngine, path: string): Promise<void> {
  const said = await call(engine, "POST", `${path}/push`);
  assert.doesNotMatch(said, /"error"/);
  await call(engine, "DELETE", path);
}

async function call(engine: TestEngine, method: string, target: string, body?: Buffer): Promise<string> {
  const headers = { "X-Registry-Auth": "e30=", "Content-Type": body === undefined ? undefined : "application/x-tar" };
  const reply = await request(engine.socket, method, target, { body, headers, timeoutMs: 120_000 });
  assert.ok(reply.status < 300, `${method} ${target}: ${reply.text}`);
  return reply.text;
}

/** Asks for what the plugin of that name asks for, and opens its socket. */
async function pluginArchive(): Promise<Buffer> {
  const socket = "/run/docker/plugins/sshfs.sock";
  const listen = `socket(S, 1, 1, 0); bind(S, pack("Sa*", 1, "${socket}")) or die; listen(S, 5); sleep`;
  const mount = { Description: "", Type: "bind", Options: ["rbind"], Settable: ["source"] };
  const config = {
    ...{ Description: "a stand-in", Documentation: "", Env: [], PropagatedMount: "/mnt/volumes", WorkDir: "" },
    Entrypoint: ["/usr/bin/perl", "-e", listen],
    Interface: { Socket: "sshfs.sock", Types: ["docker.volumedriver/1.0"] },
    Linux: {
      AllowAllDevices: false,
      Capabilities: ["CAP_SYS_ADMIN"],
      Devices: [{ Description: "", Name: "", Path: "/dev/fuse", Settable: null }],
    },
    Mounts: [
      { ...mount, Name: "state", Source: "/var/lib/docker/plugins/", Destination: "/mnt/state" },
      { ...mount, Name: "sshkey", Source: "", Destination: "/root/.ssh" },
    ],
    Network: { Type: "host" },
    Args: { Description: "", Name: "", Settable: null, Value: null },
    User: {},
  };
  const perl = await withLibraries("/usr/bin/perl");
  const folders = ["", "usr/", "usr/bin/", "run/", "run/docker/", "run/docker/plugins/", "mnt/", "mnt/state/"];
  return tar([
    { name: "config.json", data: JSON.stringify(config), mode: "0644" },
    ...[...folders, "mnt/volumes/", "root/", "root/.ssh/"].map((name) => ({ name: `rootfs/${name}`, type: "5" })),
    ...perl.map((file) => ({ ...file, name: `rootfs/${file.name}` })),
  ]);
}

/** A folder of the host that the plugin asks for: in the engine's own mounts only. */
function makePluginFolder(engine: TestEngine): void {
  const inside = `--mount=${engine.netns().replace(/net$/, "mnt")}`;
  execFileSync("nsenter", [inside, "mount", "-t", "tmpfs", "tmpfs", "/var/lib"]);
  execFileSync("nsenter", [inside, "mkdir", "-p", "/var/lib/docker/plugins"]);
}

/** A program of this host and the libraries it needs, each at its own place. */
async function withLibraries(program: string): Promise<readonly TarFile[]> {
  const told = execFileSync("ldd", [program], { encoding: "utf8" });
  const libraries = [...told.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  return await Promise.all(
    [program, ...libraries].map(async (path) => ({ name: path.slice(1), data: await readFile(path) })),
  );
}
