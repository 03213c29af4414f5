// What the benchmark of scanning reads: a root made by debootstrap as one layer, twice, and the same bytes as every peer
// wants them. Made once, kept in the cache folder of the tests.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { tar } from "../../../test/support/tar.ts";

export const cacheFolder: string =
  process.getuid?.() === 0
    ? "/var/cache/plimsoll-test/scan"
    : join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "plimsoll-test", "scan");

export type ScanInputs = {
  /** The compressed layer alone. */
  readonly layerGzip: string;
  readonly layerBytes: number;
  /** One layer, gzip, in an OCI layout; and the layout as a file. */
  readonly ociLayout: string;
  readonly ociArchive: string;
  /** One layer, not compressed, as `docker save` writes it. */
  readonly dockerArchive: string;
  /** The same root twice: as it is, and in a folder of another layer. */
  readonly twoLayers: string;
  /** The one layer and a small one on top. */
  readonly sharing: string;
};

/** The trap: where there are .jar files the Trivy of the npm package stops without its database, so the layer has none. */
const packages = "build-essential nodejs npm golang-go default-jdk-headless php-cli ruby python3-pip git perl".split(
  " ",
);

export async function makeInputs(tell: (what: string) => void): Promise<ScanInputs> {
  mkdirSync(cacheFolder, { recursive: true });
  const at = (name: string): string => join(cacheFolder, name);
  if (!existsSync(at("layer.tar.gz"))) makeLayer(at, tell);
  if (!existsSync(at("again.tar"))) makeAgain(at, tell);
  tell("writing archives");
  const whole = await describe(at("layer.tar"), at("layer.tar.gz"));
  const small = at("small.tar");
  writeFileSync(small, tar([{ name: "app/hello", data: "hello\n", mode: "0644" }]));
  makeOciLayout(at("oci"), whole);
  if (!existsSync(at("oci.tar"))) execFileSync("tar", ["-cf", at("oci.tar"), "-C", at("oci"), "."]);
  makeDockerArchive(at("docker.tar"), [whole]);
  const two = at("twice.tar");
  if (!existsSync(two)) makeDockerArchive(two, [whole, await describe(at("again.tar"))]);
  makeDockerArchive(at("sharing.tar"), [whole, await describe(small)]);
  return {
    layerGzip: at("layer.tar.gz"),
    layerBytes: statSync(at("layer.tar")).size,
    ...{ ociLayout: at("oci"), ociArchive: at("oci.tar"), dockerArchive: at("docker.tar") },
    ...{ twoLayers: two, sharing: at("sharing.tar") },
  };
}

type At = (name: string) => string;

function makeLayer(at: At, tell: (what: string) => void): void {
  if (process.getuid?.() !== 0) throw new Error("debootstrap needs root: run the benchmark once as root");
  const root = at("root");
  if (!existsSync(join(root, "usr/bin/git"))) {
    tell("building a root with debootstrap: some minutes");
    rmSync(root, { recursive: true, force: true });
    run("debootstrap", ["--variant=minbase", "bookworm", root]);
    const install = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
    const inside = ["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"];
    // Java's packages look into /proc when they are configured.
    run("unshare", [
      "-m",
      "sh",
      "-c",
      'mount -t proc proc "$0/proc" && shift 0 && exec "$@"',
      root,
      ...inside,
      ...install,
    ]);
    run("chroot", [root, "apt-get", "clean"]);
  }
  run("find", [root, "-xdev", "-name", "*.jar", "-delete"]);
  rmSync(join(root, "var/lib/apt/lists"), { recursive: true, force: true });
  tell("packing it");
  run("tar", ["--sort=name", "--mtime=@1700000000", "--numeric-owner", "-cf", at("layer.tar"), "-C", root, "."]);
  run("pigz", ["-6", "-k", "-f", at("layer.tar")]);
}

function makeAgain(at: At, tell: (what: string) => void): void {
  tell("packing it again");
  const plain = ["--sort=name", "--mtime=@1700000000", "--numeric-owner", "--transform=flags=r;s,^\\.,./again,"];
  run("tar", [...plain, "-C", at("root"), "-cf", at("again.tar.part"), "."]);
  renameSync(at("again.tar.part"), at("again.tar"));
}

function run(program: string, words: readonly string[]): void {
  execFileSync(program, words, { stdio: ["ignore", "ignore", "inherit"] });
}

type Layer = { readonly tar: string; readonly diffId: string; readonly gzip: string; readonly digest: string };

async function describe(file: string, gzip: string = ""): Promise<Layer> {
  return { tar: file, diffId: await sha256Of(file), gzip, digest: gzip === "" ? "" : await sha256Of(gzip) };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

function configOf(layers: readonly Layer[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      ...{
        architecture: "amd64",
        os: "linux",
        created: "2026-11-01T00:00:00Z",
        config: { Cmd: ["bash"], User: "1000" },
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
      history: layers.map((_, index) => ({ created: "2026-11-01T00:00:00Z", created_by: `COPY layer${index} /` })),
    }),
  );
}

function makeDockerArchive(file: string, layers: readonly Layer[]): void {
  if (existsSync(file)) return;
  const folder = `${file}.parts`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = configOf(layers);
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  writeFileSync(join(folder, configName), config);
  for (const layer of layers) {
    mkdirSync(join(folder, layer.diffId));
    linkSync(layer.tar, join(folder, layer.diffId, "layer.tar"));
  }
  const names = layers.map(({ diffId }) => `${diffId}/layer.tar`);
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify([{ Config: configName, RepoTags: ["bench:1"], Layers: names }]),
  );
  run("tar", ["--hard-dereference", "-cf", `${file}.new`, "-C", folder, "manifest.json", configName, ...names]);
  renameSync(`${file}.new`, file);
  rmSync(folder, { recursive: true });
}

function makeOciLayout(folder: string, layer: Layer): void {
  if (existsSync(join(folder, "oci-layout"))) return;
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  linkSync(layer.gzip, join(blobs, layer.digest));
  const put = (bytes: Buffer): { readonly digest: string; readonly size: number } => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const type = "application/vnd.oci.image";
  const config = { mediaType: `${type}.config.v1+json`, ...put(configOf([layer])) };
  const stored = { digest: `sha256:${layer.digest}`, size: statSync(layer.gzip).size };
  const layers = [{ mediaType: `${type}.layer.v1.tar+gzip`, ...stored }];
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: `${type}.manifest.v1+json`, config, layers }),
  );
  const index = { schemaVersion: 2, manifests: [{ mediaType: `${type}.manifest.v1+json`, ...put(manifest) }] };
  writeFileSync(join(folder, "index.json"), JSON.stringify(index));
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
}
