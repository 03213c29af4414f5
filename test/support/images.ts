// Images made on the spot from Debian's static busybox: no registry, no download, a few milliseconds.

import { readFile } from "node:fs/promises";
import { request } from "./http.ts";
import { at, textAt } from "./json.ts";
import { type TarFile, tar } from "./tar.ts";

const busybox = "/bin/busybox";
const applets =
  "sh ash cat cp date dd echo env false grep head hostname id kill ln ls mkdir mknod mount mv nc netstat nslookup od \
ping printf ps rm rmdir sed seq sleep sort stty tail tar tee test touch tr true tty umount uname unshare vi wc wget \
which whoami xargs yes httpd chmod chown chroot ip find stat top nsenter awk cut base64 sha256sum timeout";

export type ImageOptions = {
  /** `bb:1`, the default */
  readonly reference?: string;
  /** Files beside busybox. */
  readonly files?: readonly TarFile[];
  /** Dockerfile instructions for the image's configuration, such as `USER 1000` or `CMD ["sh"]`. */
  readonly changes?: readonly string[];
};

/**
 * Imports an image with busybox and its usual commands.
 * @param socket the engine's own socket, or a gate's where the caller may import
 * @returns the image's id, `sha256:...`
 */
export async function makeImage(socket: string, options: ImageOptions = {}): Promise<string> {
  const reference = options.reference ?? "bb:1";
  const [repository = reference, tag = "latest"] = splitTag(reference);
  const query = new URLSearchParams({ fromSrc: "-", repo: repository, tag });
  for (const change of options.changes ?? ['CMD ["sh"]']) query.append("changes", change);
  const body = tar([...(await busyboxFiles()), ...(options.files ?? [])]);
  const reply = await request(socket, "POST", `/images/create?${query}`, {
    body,
    headers: { "Content-Type": "application/x-tar" },
    // An emulated machine needs minutes for what takes a second here.
    timeoutMs: 240_000,
  });
  const failed = reply.text.match(/"error":"[^"]*"/)?.[0];
  if (reply.status !== 200 || failed) throw new Error(`image ${reference} was not imported: ${reply.text}`);
  const made = await request(socket, "GET", `/images/${reference}/json`);
  if (at(made.json, "Id") === undefined) throw new Error(`image ${reference} is not there: ${made.text}`);
  return textAt(made.json, "Id");
}

/** The root file system of `bb:1` as tar entries. */
export async function busyboxFiles(): Promise<readonly TarFile[]> {
  const program = await readFile(busybox);
  const folders = ["bin", "etc", "tmp", "root", "proc", "sys", "dev"].map((name) => ({
    name: `${name}/`,
    type: "5",
    mode: name === "tmp" ? "1777" : "0755",
  }));
  const links = applets.split(/\s+/).map((name) => ({ name: `bin/${name}`, type: "1", link: "bin/busybox" }));
  return [
    ...folders,
    { name: "bin/busybox", data: program },
    ...links,
    { name: "etc/passwd", data: "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n", mode: "0644" },
    { name: "etc/group", data: "root:x:0:\nuser:x:1000:\n", mode: "0644" },
  ];
}

function splitTag(reference: string): readonly string[] {
  const colon = reference.lastIndexOf(":");
  return colon > reference.lastIndexOf("/") ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference];
}
