import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pinBindSource } from "../../../src/gate/references/bind-source.ts";
import type { Pinning } from "../../../src/gate/references/pinning.ts";
import { reachesProtected } from "../../../src/gate/references/protected-paths.ts";
import { Refusal } from "../../../src/gate/refusal.ts";

let folder = "";
before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "plimsoll-binds-")));
  await mkdir(join(folder, "allowed/deep"), { recursive: true });
  await mkdir(join(folder, "secret:colon"));
  await mkdir(join(folder, "secret/inside"), { recursive: true });
  await symlink(join(folder, "secret"), join(folder, "allowed/link"));
  await symlink("/", join(folder, "allowed/root"));
  await symlink(join(folder, "allowed/circle"), join(folder, "allowed/circle"));
  await symlink(join(folder, "secret:colon"), join(folder, "allowed/colon"));
});
after(() => rm(folder, { recursive: true, force: true }));

async function sent(path: string): Promise<readonly [string, "there" | "missing"]> {
  const realPaths = new Map<string, string>();
  const resolved = await pinBindSource(pinningWith(realPaths), path);
  return [resolved.replace(folder, "~"), realPaths.has(path) ? "there" : "missing"];
}

function pinningWith(realPaths: Map<string, string>): Pick<Pinning, "realPaths"> {
  return { realPaths };
}

test("a bind source is followed to where it leads, also above what is not there yet", async () => {
  const at = (path: string) => sent(join(folder, "/").concat(path));
  assert.deepEqual(
    {
      plain: await at("allowed/deep"),
      slashes: await at("allowed//deep/"),
      link: await at("allowed/link"),
      throughLink: await at("allowed/link/inside"),
      dotsAfterLink: await at("allowed/link/.."),
      dots: await at("allowed/deep/../../secret"),
      root: await at("allowed/root"),
      missing: await at("allowed/new"),
      missingBelowLink: await at("allowed/link/new/er"),
      circle: await at("allowed/circle"),
    },
    {
      plain: ["~/allowed/deep", "there"],
      slashes: ["~/allowed/deep", "there"],
      link: ["~/secret", "there"],
      throughLink: ["~/secret/inside", "there"],
      dotsAfterLink: ["~", "there"],
      dots: ["~/secret", "there"],
      root: ["/", "there"],
      missing: ["~/allowed/new", "missing"],
      missingBelowLink: ["~/secret/new/er", "missing"],
      circle: ["~/allowed/circle", "missing"],
    },
  );
});

test("a source that leads to a path with a colon, or holds a NUL, is refused", async () => {
  const refused = (error: unknown) => error instanceof Refusal && error.rule === "request/bind-source";
  await assert.rejects(sent(join(folder, "allowed/colon")), refused);
  await assert.rejects(sent(`${folder}/a\0b`), refused);
});

test("a path reaches the engine when it is, holds or lies in one of its paths", () => {
  const guarded = ["/run/docker.sock", "/var/lib/docker"];
  const paths = [
    "/",
    "/run",
    "/run/docker.sock",
    "/var/lib/docker/volumes/x",
    "/var/lib",
    "/var/lib/docker2",
    "/srv",
    "/ru",
  ];
  assert.deepEqual(
    paths.filter((path) => reachesProtected(path, guarded)),
    ["/", "/run", "/run/docker.sock", "/var/lib/docker/volumes/x", "/var/lib"],
  );
});
