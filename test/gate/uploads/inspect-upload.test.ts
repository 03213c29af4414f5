import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngineClient } from "../../../src/engine/client.ts";
import { routes } from "../../../src/engine/routes.ts";
import type { PinnedCall } from "../../../src/gate/call.ts";
import { createLookup } from "../../../src/gate/references/lookup.ts";
import { Refusal } from "../../../src/gate/refusal.ts";
import { inspectUpload } from "../../../src/gate/uploads/inspect-upload.ts";
import type { Decision } from "../../../src/model/decision.ts";
import type { Grant } from "../../../src/model/grant.ts";
import type { OwnershipLedger } from "../../../src/model/ledger.ts";
import { type TarFile, tar } from "../../support/tar.ts";
import { type Closing, startFakeEngine } from "../transport/support.ts";

const ledger: OwnershipLedger = {
  owners: () => [],
  ids: () => [],
  claim: () => undefined,
  release: () => undefined,
};
const allowed: Decision = { verdict: "allow", rules: [], reason: "", remedy: "" };

/** Images of the engine: what a build from them would run first. */
const images: Readonly<Record<string, readonly string[]>> = {
  mine: [],
  evil: ["COPY --from=victim /is /x"],
  odd: ["COPY --from=$X /is /x"],
  victim: [],
};

type Upload = {
  readonly files: readonly TarFile[];
  readonly path?: string;
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly grants?: readonly Grant[];
};

/** @returns the images and tags that the second decision was asked about, or the rule that refused before it */
async function namesOf(
  t: Closing,
  { files, path = "/build", query = {}, grants = [] }: Upload,
): Promise<readonly string[]> {
  const engine = await startFakeEngine(t, (request, response) => {
    const name = /\/images\/([^/:]+)/.exec(request.url ?? "")?.[1] ?? "";
    const known = Object.hasOwn(images, name);
    const image = { Id: `sha256:${name}`, RepoTags: [`${name}:latest`], Config: { OnBuild: images[name] } };
    response.writeHead(known ? 200 : 404, { "Content-Type": "application/json" });
    response.end(JSON.stringify(known ? image : { message: "no such image" }));
  });
  const client = openEngineClient(engine.socket);
  const lookup = createLookup(client, ledger);
  t.after(() => {
    lookup.close();
    client.close();
  });
  const route = routes.find((known) => known.method === "POST" && known.path === path);
  assert.ok(route);
  const call = { route, apiVersion: "1.41", params: {}, query, body: { kind: "stream" as const }, headers: {} };
  const resource = { type: "Image" as const, id: "", name: "", owner: "", isShared: false };
  const known = {
    imageUser: "",
    imageId: "",
    realPaths: {},
    volumeOptions: {},
    containerUser: "",
    imageDeclaresVolumes: false,
    protectedPaths: [],
  };
  const pinned: PinnedCall = { call, resource, references: [], known };
  const asked: string[] = [];
  try {
    const request = inspectUpload({ method: "POST", target: path, headers: {}, body: { kind: "stream" } }, pinned, {
      lookup,
      owner: "unix:me",
      isStrict: true,
      engineKind: "docker",
      grants: new Set(grants),
      decide: ({ references }) => {
        asked.push(...references.map(({ role, name }) => `${role} ${name}`));
        return allowed;
      },
      wouldRefuse: () => undefined,
    });
    assert.ok(request.body.kind === "stream" && request.body.inspect !== undefined);
    await request.body.inspect.observe(tar(files));
    await request.body.inspect.finish();
    return asked.sort();
  } catch (error) {
    return [error instanceof Refusal ? error.rule : String(error)];
  }
}

const steal = "FROM mine\nCOPY --from=victim /is /x\n";

test("a build is judged by the Dockerfile that the engine will take, whatever it is called", async (t) => {
  const found = [
    await namesOf(t, { files: [{ name: "Dockerfile", data: steal }] }),
    await namesOf(t, { files: [{ name: "dockerfile", data: steal }] }),
    await namesOf(t, { files: [{ name: "sub/D", data: steal }], query: { dockerfile: ["./x/..//sub/./D"] } }),
    await namesOf(t, { files: [{ name: "sub/D", data: steal }], query: { dockerfile: ["./sub//D"] } }),
  ];
  const both = ["image mine", "image victim"];
  assert.deepEqual([found[0], found[1], found[3]], [both, both, both]);
  assert.deepEqual(found[2], ["request/build-path"]);
});

test("build triggers of a base image count as if they stood in the Dockerfile", async (t) => {
  const from = (base: string): readonly TarFile[] => [{ name: "Dockerfile", data: `FROM ${base}\n` }];
  const found = [
    await namesOf(t, { files: from("evil") }),
    await namesOf(t, { files: from("odd") }),
    await namesOf(t, { files: from("elsewhere") }),
    await namesOf(t, { files: from("mine"), query: { pull: ["1"] } }),
    await namesOf(t, { files: from("elsewhere"), grants: ["owner.any"] }),
  ];
  assert.deepEqual(found, [
    ["image evil", "image victim"],
    ["request/unresolved-image"],
    ["request/unknown-base-image"],
    ["request/unknown-base-image"],
    ["image elsewhere"],
  ]);
});

test("an image archive is judged by every name that any engine would read in it", async (t) => {
  const load = (name: string, document: unknown) =>
    namesOf(t, { path: "/images/load", files: [{ name, data: JSON.stringify(document) }] });
  const found = [
    await load("manifest.json", [{ RepoTags: ["victim:1"] }, { repotagſ: ["victim:2"] }]),
    await load("repositories", { victim: { 3: "id" } }),
    await load("index.json", {
      Manifests: [{ annotations: { "io.containerd.image.name": "docker.io/library/victim:4" } }],
    }),
    await namesOf(t, {
      path: "/images/load",
      files: [{ name: "manifest.json", data: '[{"RepoTags":[],"repotags":["victim:1"]}]' }],
    }),
  ];
  assert.deepEqual(
    found.map((names) => names.map((name) => name.replace("docker.io/library/", ""))),
    [["tag victim:1", "tag victim:2"], ["tag victim:3"], ["tag victim:4"], [found[3]?.[0]]],
  );
  assert.match(String(found[3]?.[0]), /twice/);
});
