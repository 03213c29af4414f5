// Our reading of Dockerfiles against a real builder's: the steps that dockerd's classic builder announces for generated files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../src/base/dockerfile/parse-dockerfile.ts";
import { type Random, seededRandom } from "../detectors/support/random.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { tar } from "../support/tar.ts";

const files = 60;

/** Lines that parsers have read differently: continuations, comments, blanks, quotes, cases, directives. */
function makeDockerfile(random: Random): string {
  const mark = random.pick(["\\", "\\", "`"]);
  const head = random.pick([
    "",
    "",
    "# a comment\n",
    "\n",
    `# escape=${mark}\n`,
    `#escape = ${mark} \n# other=1\n`,
    `# other=x\n# escape=${mark}\n`,
    "\ufeff",
  ]);
  const pieces = [
    "a",
    "b c",
    '"d e"',
    "'f'",
    "#g",
    "=",
    "h=1",
    mark,
    `${mark}${mark}`,
    `${mark} `,
    "$x",
    "--k",
    "  ",
    "\t",
    '"',
    "[",
    '["j"]',
    "é",
  ];
  const values = [
    "a",
    '"d e"',
    "'f g'",
    "#g",
    "=",
    `x${mark} y`,
    `${mark}${mark}`,
    "$x",
    `\${y:-z}`,
    '""',
    "é",
    `"q${mark}"r"`,
  ];
  const breaks = [
    `${mark}\n`,
    `${mark}\n`,
    `${mark}  \n`,
    `${mark}\n# between\n`,
    `${mark}\n  # indented\n`,
    `${mark}\n\n`,
    `${mark}\t\n \t\n`,
    `${mark}\r\n`,
    ` ${mark}\n    `,
  ];
  const line = (): string => {
    const keyword = random.pick([
      "LABEL",
      "label",
      "ENV",
      "Env",
      "CMD",
      "ENTRYPOINT",
      "USER",
      "WORKDIR",
      "EXPOSE",
      "STOPSIGNAL",
      "ARG",
      "ONBUILD CMD",
      "VOLUME",
    ]);
    const isPairs = /^(?:LABEL|ENV|ARG)$/i.test(keyword);
    const count = /^(?:ARG|STOPSIGNAL|USER)$/.test(keyword) ? 1 : 1 + random.number(4);
    const words = Array.from({ length: count }, (_, at) => {
      const word =
        keyword === "EXPOSE" ? String(80 + at) : isPairs ? `k${at}=${random.pick(values)}` : random.pick(pieces);
      return random.number(3) === 0 ? `${random.pick(breaks)}${word}` : word;
    });
    const start = random.pick(["", "", "", " ", "\t"]);
    return `${start}${keyword}${random.pick([" ", "  ", "\t"])}${words.join(" ")}`;
  };
  const between = (): string => random.pick(["\n", "\n", "\n\n", "\n# c\n", "\n  # c\n", "\r\n", "\n \t\n"]);
  const body = Array.from({ length: 1 + random.number(6) }, () => `${line()}${between()}`).join("");
  return `${head}${random.pick(["FROM scratch", "from scratch", "FROM scratch AS x", `FROM ${mark}\nscratch`])}\n${body}${random.pick(["", "# end", mark])}`;
}

type Reading = { readonly steps: readonly string[]; readonly count: number };

/** The steps that it got to, and how many it counted; undefined when it refused the file before the first. */
async function classicBuild(socket: string, text: string): Promise<Reading | undefined> {
  const context = tar([{ name: "Dockerfile", data: text }]);
  const reply = await request(socket, "POST", "/build?version=1&rm=1&nocache=1", {
    body: context,
    headers: { "content-type": "application/x-tar" },
  });
  const messages = [...reply.text.matchAll(/^\{"stream":("(?:[^"\\]|\\.)*")\}/gm)].map((match) =>
    String(JSON.parse(match[1] ?? '""')),
  );
  const steps = messages
    .flatMap((message) => /^Step \d+\/(\d+) : (.*)$/s.exec(message) ?? [])
    .filter((_, at) => at % 3 !== 0);
  if (steps.length === 0) return undefined;
  return { steps: steps.filter((_, at) => at % 2 === 1), count: Number(steps[0]) };
}

test("the classic builder announces the same steps that we read, in generated files of every odd form", {
  skip: whyNoEngine() ?? false,
  timeout: 300_000,
}, async (t) => {
  const engine = await startEngine();
  t.after(() => engine.close());
  const random = seededRandom(1913);
  const different: unknown[] = [];
  let compared = 0;
  for (let at = 0; at < files; at += 1) {
    const text = makeDockerfile(random);
    const theirs = await classicBuild(engine.socket, text);
    if (theirs === undefined) continue;
    compared += 1;
    const { instructions } = parseDockerfile(text, { where: "Dockerfile", hasHeredocs: false });
    const ours = instructions.map(({ joined }) => joined);
    const isSame =
      ours.length === theirs.count && theirs.steps.every((step, index) => sameText(step, ours[index] ?? ""));
    if (!isSame) different.push({ text, ours, theirs });
  }
  t.diagnostic(`${compared} of ${files} files were taken by the builder, ${different.length} read differently`);
  assert.deepEqual(
    { different: different.slice(0, 3), hasCompared: compared > files / 4 },
    { different: [], hasCompared: true },
  );
});

/** The builder prints some instructions anew, with single blanks. */
function sameText(left: string, right: string): boolean {
  const plain = (text: string): string => text.replace(/\s+/g, " ").trim();
  return plain(left).toLowerCase() === plain(right).toLowerCase();
}
