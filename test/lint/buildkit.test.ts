// Our reading of Dockerfiles against BuildKit's, for the lint fixtures and for generated files: the same stages at the same places, refused
// for the same files, and no image looked up that we, and the gate, did not see. PLIMSOLL_RANDOM_DOCKERFILES=1000 makes more of them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parseDockerfile } from "../../src/base/dockerfile/parse-dockerfile.ts";
import { planBuild } from "../../src/base/dockerfile/stages.ts";
import { makeLinter } from "../../src/findings/lint/lint-dockerfile.ts";
import { dockerfileReferences } from "../../src/gate/uploads/dockerfile-references.ts";
import { type Random, seededRandom } from "../detectors/support/random.ts";
import { type Buildkit, type BuildkitStage, startBuildkit } from "../support/buildkit.ts";
import { whyNoEngine } from "../support/engine.ts";
import { lintCases } from "./cases.ts";

const count = Number(process.env["PLIMSOLL_RANDOM_DOCKERFILES"] ?? 40);
const shown = Number(process.env["PLIMSOLL_SHOW"] ?? 3);
const images = ["img:1", "img:2", "team/img:3"];
const skip = whyNoEngine() ?? false;
const state: { buildkit?: Buildkit; why?: string } = {};

before(async () => {
  if (skip !== false) return;
  const started = await startBuildkit(images);
  if ("why" in started) state.why = started.why;
  else state.buildkit = started;
});
after(() => state.buildkit?.close());

/** Rules that say what no builder takes. */
const refusing = [
  "not-buildable",
  "unknown-instruction",
  "unknown-flag",
  "no-from",
  "empty-instruction",
  "copy-incomplete",
  "malformed-arguments",
];
const lint = makeLinter();

function ourStages(text: string): readonly BuildkitStage[] {
  const { stages } = planBuild(parseDockerfile(text, { where: "Dockerfile", hasHeredocs: true }));
  return stages.map(({ name, baseText, from }) => ({ name, base: baseText, line: from.line }));
}

function isRefused(text: string): boolean {
  return lint(text, "Dockerfile").findings.some(({ rule }) => refusing.includes(rule));
}

/** `docker.io/library/img:1` for `img`, as BuildKit writes it. */
function familiar(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/)?/, "");
}

function whole(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
}

/** Stages, arguments, heredocs, continuations, quotes, flags, triggers: what decides where a stage begins and what it takes from. */
function makeDockerfile(random: Random): string {
  const mark = random.pick(["\\", "\\", "\\", "`"]);
  const gap = (): string =>
    random.pick([" ", " ", " ", "  ", "\t", ` ${mark}\n `, ` ${mark}\n# c\n`, ` ${mark}  \n  # c\n  `, ` ${mark}\n\n`]);
  const name = (): string =>
    random.pick([
      "img:1",
      "img:2",
      "team/img:3",
      "scratch",
      "a",
      "b",
      "A",
      "0",
      "$V",
      "${V}",
      "${V:-img:2}",
      "img:$N",
      "${W:+img:1}",
      '"img:1"',
      "'img:1'",
      "${X}",
      "img:${N:-2}",
      `i${mark}mg:1`,
    ]);
  const source = (): string => random.pick(["a", "b", "B", "0", "1", "7", "img:1", "team/img:3", "'img:2'"]);
  const document = (): string => {
    const end = random.pick(["EOF", "E2", "eof"]);
    const opened = random.pick([`<<${end}`, `<<-${end}`, `<<"${end}"`, `3<<'${end}'`, `<< ${end}`, `<<<${end}`]);
    const inner = random.pick(["echo", "FROM img:2", "COPY --from=img:2 f f", "# c", `x ${mark}`, `\t${end} `, ""]);
    return `${opened}\n${inner}\n${random.pick([end, end, end, `\t${end}`, ` ${end}`, ""])}`;
  };
  const from = (): string =>
    `${random.pick(["FROM", "FROM", "from", "  FROM"])}${gap()}${random.pick(["", "", "", "--platform=linux/amd64 "])}${name()}${random.pick(["", "", " AS a", " as b", " AS B", `${gap()}AS${gap()}c`])}`;
  const step = (): string =>
    random.pick([
      () => `RUN echo ${random.pick(["a", `a${gap()}b`, '"a', `a ${mark}${mark}`, "#x"])}`,
      () => `RUN ${random.pick(["", "cat "])}${document()}`,
      () => `COPY --from=${source()}${gap()}f g`,
      () => `COPY${gap()}--from=${source()} f g`,
      () => `COPY ${document()}`.replace("\n", " /x\n"),
      () => `RUN --mount=type=bind,from=${source()},target=/m${gap()}ls`,
      () => `RUN --mount=from=${source()},type=cache,target=/m ls`,
      () => `ONBUILD ${random.pick(["RUN ls", "COPY --from=img:2 f g", "USER 1", `RUN ${document()}`])}`,
      () => `ARG ${random.pick(["V=img:2", "N=2", "V"])}`,
      () => `ENV ${random.pick(["V=img:2", "V img:2", "A=b C=d", "A", "A=b C"])}`,
      () => `LABEL ${random.pick(["a=b", '"a b"=c', "a", "a='b c'"])}`,
      () => `CMD ${random.pick(['["a", "b"]', "['a']", "a b", '["a"', "[]"])}`,
      () => `HEALTHCHECK ${random.pick(["NONE", "CMD ls", "--interval=1s CMD ls", "ls"])}`,
      () =>
        `${random.pick(["EXPOSE 80", "USER x", "WORKDIR /x", "VOLUME /v", 'SHELL ["/x"]', "SHELL /x", "STOPSIGNAL 9", "MAINTAINER x", "FOO", "RUNN ls", "USER", "COPY --nope f g", "RUN --", "# c", "", " "])}`,
    ])();
  const end = (): string => random.pick(["\n", "\n", "\n", "\n\n", "\r\n", "\n# c\n"]);
  const head = random.pick([
    "",
    "",
    "",
    `# escape=${mark}\n`,
    `#escape=${mark}\n# x\n`,
    "# check=skip=all\n",
    "\n",
    "\ufeff",
  ]);
  const globals = random.pick([
    "",
    "",
    "ARG V=img:1\n",
    "ARG N=1\nARG V=img:$N\n",
    'ARG V="img:1" N\n',
    "ARG V\n",
    "ARG W=x\n",
  ]);
  const stages = Array.from(
    { length: 1 + random.number(3) },
    () => `${from()}${end()}${Array.from({ length: random.number(4) }, () => `${step()}${end()}`).join("")}`,
  );
  return `${head}${globals}${stages.join("")}`;
}

const random = seededRandom(2811);
const generated = Array.from({ length: count }, () => makeDockerfile(random));
/** Without those that need another frontend, from a registry or with experiments switched on. */
const fixtures = Object.values(lintCases)
  .flatMap(({ bad, good }) => [bad, good])
  .filter((text) => !/^# syntax=|--security=/m.test(text));

/** Several at once: the builder mostly waits. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const turn = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: 6 }, turn));
  return results;
}

test("BuildKit sees the same stages at the same places, and refuses the same files", { skip }, async (t) => {
  const { buildkit } = state;
  if (buildkit === undefined) return t.skip(state.why ?? "");
  const texts = [...fixtures, ...generated];
  const readings = await inTurns(texts, buildkit.read);
  const different = texts.flatMap((text, at) => {
    const [theirs, ours] = [readings[at], ourStages(text)];
    const isTaken = theirs?.refusal === "";
    const isSame = isTaken !== isRefused(text) && (!isTaken || isDeepStrictEqual(theirs.stages, ours));
    return isSame ? [] : [{ text, ours, isRefused: isRefused(text), theirs }];
  });
  const refused = readings.filter(({ refusal }) => refusal !== "").length;
  t.diagnostic(`${texts.length} files, ${refused} refused, ${different.length} read differently`);
  assert.deepEqual(different.slice(0, shown), []);
});

test("BuildKit looks up no image that the gate and lint did not see", { skip }, async (t) => {
  const { buildkit } = state;
  if (buildkit === undefined) return t.skip(state.why ?? "");
  const lookUps = await inTurns(generated, buildkit.lookUps);
  const missed = generated.flatMap((text, at) => {
    const theirs = (lookUps[at] ?? []).map(familiar);
    const { images: seen, unresolved } = dockerfileReferences(Buffer.from(text));
    const gateMissed = unresolved.length > 0 ? [] : theirs.filter((name) => !seen.map(whole).includes(name));
    const lintMissed = theirs.filter((name) => !lintImages(text).includes(name));
    return gateMissed.length + lintMissed.length === 0
      ? []
      : [{ text, theirs, gateMissed, lintMissed, seen, unresolved }];
  });
  t.diagnostic(
    `${generated.length} files, ${lookUps.flat().length} images looked up, ${missed.length} files with one unseen`,
  );
  assert.deepEqual(
    { missed: missed.slice(0, shown), hasLookedUp: lookUps.flat().length > count / 4 },
    { missed: [], hasLookedUp: true },
  );
});

/** Bases of stages, and what COPY and mounts name. */
function lintImages(text: string): readonly string[] {
  const { stages } = planBuild(parseDockerfile(text, { where: "Dockerfile", hasHeredocs: true }));
  const sources = stages.flatMap(({ instructions }) =>
    instructions.flatMap((one) =>
      [...one.flags, ...(one.trigger?.flags ?? [])].flatMap(({ name, value }) => sourceOf(name, value)),
    ),
  );
  return [...stages.map(({ base }) => base), ...sources].map(whole);
}

function sourceOf(name: string, value: string): readonly string[] {
  if (name === "from") return [value];
  return name === "mount" ? value.split(",").flatMap((option) => /^from=(.*)$/.exec(option)?.[1] ?? []) : [];
}
