// A foreign suite: the integration tests that docker-py, the Python client, ships in its source archive on PyPI. Those that
// pass straight at the engine pass through an enforcing gate too (with all grants: the suite is about the API, not policy).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { grantMeanings } from "../../src/policy/grants.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { fetchPythonSuite } from "../support/foreign.ts";
import { gateForUser } from "../support/foreign-gate.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { tar } from "../support/tar.ts";

// The last release whose archive has its tests; it needs the requests of its time.
const pins = [
  "requests==2.31.0",
  "urllib3==1.26.20",
  "websocket-client==1.8.0",
  "pytest==8.4.2",
  "pytest-timeout==2.4.0",
];
const suite = await fetchPythonSuite("docker==6.1.3", [...pins, "paramiko"]);
const skip = whyNoEngine() ?? ("why" in suite ? suite.why : false);

/** Without those that need a swarm, plugins, ssh or a registry on the internet. */
const files =
  "api_build api_client api_container api_exec api_healthcheck api_image api_network api_volume client errors models_containers models_images models_networks models_resources models_volumes regression";

/** Not of one who looks after every owner: those see labels that an ordinary user does not. */
const grants = Object.keys(grantMeanings).filter((grant) => grant !== "owner.any");

test("docker-py's own tests pass through the gate when they pass at the engine", { skip }, async (t) => {
  const [direct, gated] = await Promise.all([passList(t, false), passList(t, true)]);
  const lost = direct.passed.filter((name) => !gated.passed.includes(name) && !isRefusedOnPurpose(name));
  // A test that lost a race gets a second chance, alone.
  const again = lost.length === 0 ? [] : await gated.again(lost);
  assert.deepEqual(
    { lost: lost.filter((name) => !again.includes(name)), enough: direct.passed.length >= 200 },
    { lost: [], enough: true },
  );
});

/** What the gate refuses by design, whatever is granted. */
const refusedOnPurpose: Readonly<Record<string, string>> = {
  test_build_out_of_context_dockerfile: "sends the query parameter dockerfile twice",
  test_create_with_runtime: "sends Runtime at the top of the body, where the API has none",
  test_remove_link: "removes a link by /name/alias, a path that the API does not describe",
  test_connect_with_links: "links to a container that does not exist yet",
  test_create_with_links: "links to a container that does not exist yet",
  test_create_inspect_network_with_scope: "asks for a swarm's network by name and scope; the gate asks by id",
  test_load_error: "loads a tar that breaks off; the gate says so before the engine does",
};

function isRefusedOnPurpose(test: string): boolean {
  return refusedOnPurpose[test.split("::").at(-1) ?? ""] !== undefined;
}

type PassList = {
  readonly passed: readonly string[];
  again(names: readonly string[]): Promise<readonly string[]>;
};

async function passList(t: TestContext, isGated: boolean): Promise<PassList> {
  const engine = await startEngine({ network: true });
  t.after(engine.close);
  const socket = isGated ? await gateForUser(t, engine, { grants }) : engine.socket;
  await makeImages(socket);
  const all = files.split(" ").map((name) => `tests/integration/${name}_test.py`);
  return { passed: await runPytest(socket, all), again: (names) => runPytest(socket, names) };
}

/** Stopped by SIGKILL: the suite stops many shells that do not listen to SIGTERM. */
async function makeImages(socket: string): Promise<void> {
  await makeImage(socket, { reference: "base:1" });
  const tags = ["alpine:3.10", "alpine:latest", "busybox:latest"].map((tag) => `t=${tag}`).join("&");
  const body = tar([{ name: "Dockerfile", data: "FROM base:1\nSTOPSIGNAL SIGKILL\n" }]);
  const headers = { "Content-Type": "application/x-tar" };
  const built = await request(socket, "POST", `/build?${tags}`, { body, headers });
  assert.match(built.text, /Successfully built/);
}

/** @returns the names of the tests that passed */
async function runPytest(socket: string, names: readonly string[]): Promise<readonly string[]> {
  if ("why" in suite) throw new Error(suite.why);
  const source = join(suite.folder, "source");
  const options = ["-q", "-rA", "--timeout=30", "-p", "no:cacheprovider", "--tb=no"];
  const child = spawn(join(suite.folder, "bin/python"), ["-m", "pytest", ...options, ...names], {
    cwd: source,
    env: { ...process.env, DOCKER_HOST: `unix://${socket}`, PYTHONPATH: source, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  await new Promise((resolve) => child.on("close", resolve));
  return [...output.matchAll(/^(?:PASSED|XPASS) (\S+)/gm)].flatMap(([, name]) => name ?? []).sort();
}
