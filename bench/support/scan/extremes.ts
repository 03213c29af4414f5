// Layers that are all quantity: millions of empty files, gigabytes of zeros, one huge program, and as many packages as nobody has,
// made as gzip on their way to the disk.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { makeLargeProgram } from "../../../test/support/large-program.ts";
import { tar } from "../../../test/support/tar.ts";
import { cacheFolder } from "./inputs.ts";

type Extreme = "files" | "zeros" | "program" | "packages";

/** @param amount files, packages, or GiB @returns an archive with the one layer */
export async function makeExtreme(name: Extreme, amount: number): Promise<string> {
  const file = join(cacheFolder, `${name}-${amount}.docker.tar`);
  if (existsSync(file)) return file;
  const hash = createHash("sha256");
  const packed = `${file}.layer.gz`;
  const pieces = piecesOf(name, amount);
  const hashed = async function* () {
    for (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  };
  await pipeline(Readable.from(hashed()), createGzip({ level: 1 }), createWriteStream(packed));
  wrap(file, packed, hash.digest("hex"));
  return file;
}

function piecesOf(name: Extreme, amount: number): Iterable<Buffer> {
  switch (name) {
    case "files":
      return emptyFiles(amount);
    case "zeros":
      return oneFile("zeros", amount * 2 ** 30, zeros(amount * 2 ** 30));
    case "program": {
      const { size, pieces } = makeLargeProgram(amount * 2 ** 30);
      return oneFile("app/huge", size, pieces);
    }
    case "packages":
      return packages(amount);
  }
}

function* emptyFiles(count: number): Generator<Buffer> {
  const perPiece = 1000;
  for (let at = 0; at < count; at += perPiece) {
    const files = Array.from({ length: perPiece }, (_, more) => ({
      name: `d${(at / perPiece) % 997}/f${at + more}`,
      mode: "0644",
    }));
    yield tar(files).subarray(0, -1024);
  }
  yield Buffer.alloc(1024);
}

/** Half of them in dpkg's list, with the names that the advisories speak of and every tenth of them weak; half as installed packages of a language, each with a file of its own. */
function* packages(count: number): Generator<Buffer> {
  const half = count / 2;
  const status = Array.from(
    { length: half },
    (_, at) =>
      `Package: package${at}\nStatus: install ok installed\nMaintainer: Team ${at % 300} <team${at % 300}@lists.debian.org>\nArchitecture: amd64\nVersion: ${at % 10 === 0 ? "1.5-1" : "2.0-1"}\nDescription: ${"made for the benchmark ".repeat(10)}\n\n`,
  );
  const system = [
    { name: "etc/os-release", data: "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n", mode: "0644" },
    { name: "var/lib/dpkg/status", data: status.join(""), mode: "0644" },
  ];
  yield tar(system).subarray(0, -1024);
  for (let at = 0; at < half; at += 1) {
    const data = JSON.stringify({ name: `@made/module-${at}`, version: `1.${at % 9}.0`, license: "MIT" });
    yield tar([{ name: `app/node_modules/@made/module-${at}/package.json`, data, mode: "0644" }]).subarray(0, -1024);
  }
  yield Buffer.alloc(1024);
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(2 ** 20);
  for (let at = 0; at < bytes; at += piece.length) yield piece;
}

function* oneFile(name: string, bytes: number, content: Iterable<Buffer>): Generator<Buffer> {
  const header = Buffer.from(tar([{ name, mode: "0755" }]).subarray(0, 512));
  // Base-256, as GNU tar writes sizes from 8 GiB on.
  header.fill(0, 124, 136);
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(bytes), 128);
  header.write("        ", 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  yield header;
  yield* content;
  yield Buffer.alloc(1024 + ((512 - (bytes % 512)) % 512));
}

function wrap(file: string, packed: string, diffId: string): void {
  const config = Buffer.from(
    JSON.stringify({
      ...{ architecture: "amd64", os: "linux", config: { User: "1000" }, history: [{ created_by: "COPY" }] },
      rootfs: { type: "layers", diff_ids: [`sha256:${diffId}`] },
    }),
  );
  const [configName, layerName] = [`${createHash("sha256").update(config).digest("hex")}.json`, "layer.tar"];
  const folder = `${file}.parts`;
  execFileSync("mkdir", ["-p", folder]);
  writeFileSync(join(folder, configName), config);
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify([{ Config: configName, RepoTags: ["x:1"], Layers: [layerName] }]),
  );
  renameSync(packed, join(folder, layerName));
  execFileSync("tar", ["-cf", `${file}.new`, "-C", folder, "manifest.json", configName, layerName]);
  execFileSync("rm", ["-rf", folder]);
  renameSync(`${file}.new`, file);
}
