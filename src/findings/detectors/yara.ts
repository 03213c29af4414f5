// Malware by YARA rules: the ones that ship, behind a screen that most files never pass, and the user's, for every file, in a
// process of their own.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Finding } from "../../model/finding.ts";
import type { FileProblem } from "../../model/package.ts";
import type { Detector } from "../detector.ts";
import { fileKind } from "../file-kind.ts";
import { type LiteralScreen, makeLiteralScreen } from "../literal-screen.ts";
import { makeContentPool } from "../malware/content-pool.ts";
import { openOwnRules } from "../malware/own-rules.ts";
import { readShippedRules, screensOf } from "../malware/shipped-rules.ts";
import { openSpool } from "../malware/spool.ts";
import { severityOf, sha256Of, toMalware } from "../malware/to-malware.ts";
import { makeWorkQueue } from "../malware/work-queue.ts";
import { compileYara, type YaraMatch, type YaraProgram, type YaraSource } from "../malware/yara-program.ts";
import { ruleFilesOf } from "../rule-files.ts";

/** Larger files are reported as not searched. */
const maxFileBytes = 64 * 1024 * 1024;
const maxRuleFileBytes = 64 * 1024 * 1024;
/** In memory, of what waits for the user's rules. */
const maxWaitingBytes = 16 * 1024 * 1024;

type Programs = {
  /** For texts and for everything else: few rules are about both. */
  readonly screens: { readonly text: LiteralScreen; readonly program: LiteralScreen };
  readonly shipped: YaraProgram;
};

export const yara: Detector = {
  name: "yara",
  summary: "malware by YARA rules, those that ship and your own",
  needs: {},
  async open(settings) {
    const shipped = readShippedRules();
    const own = await readOwnRules(ruleFilesOf("yara", settings.ruleFiles));
    const programs: Programs = {
      screens: makeScreens(shipped),
      shipped: compileYara(shipped),
    };
    const pool = makeContentPool();
    let problems: FileProblem[] = [];
    const problem = (path: string, what: string): number => problems.push({ path, plugin: "yara", what });
    const later = own.length === 0 ? undefined : await openLater(own, problem);
    return {
      fingerprint: fingerprintOf([...shipped, ...own]),
      visit(entry, head, found) {
        if (entry.kind !== "file" || entry.size < 4) return undefined;
        const kind = fileKind(head);
        // The rules that ship look for nothing in compressed files; somebody else's may.
        if (later === undefined && kind === "packed") return undefined;
        if (entry.size > maxFileBytes) {
          problem(entry.path, `larger than ${maxFileBytes} bytes, not searched`);
          return undefined;
        }
        return pool.collect(entry.size, (content) => {
          if (kind !== "packed") scan({ content, isText: kind === "text", path: entry.path }, programs, found);
          later?.try(content, entry.path, found);
        });
      },
      settle: async () => await later?.settle(),
      takeProblems() {
        const taken = problems;
        problems = [];
        return taken;
      },
      close: async () => later?.close(),
    };
  },
};

type Found = (finding: Finding) => void;

/** The user's rules, on files that wait on the disk while they are slower than the layer is read. */
async function openLater(sources: readonly YaraSource[], problem: (path: string, what: string) => void) {
  const rules = await openOwnRules(sources);
  const spool = openSpool(maxWaitingBytes);
  const queue = makeWorkQueue(1);
  return {
    try(content: Uint8Array, path: string, found: Found): void {
      const kept = spool.put(content);
      queue.push(async () => {
        const bytes = kept.read();
        try {
          tell(await rules.scan(bytes), { content: bytes, path }, found);
        } catch (thrown) {
          problem(path, errorText(thrown));
        }
      });
    },
    settle: () => queue.settle(),
    close(): void {
      queue.clear();
      rules.close();
      spool.close();
    },
  };
}

type WholeFile = { readonly content: Uint8Array; readonly isText: boolean; readonly path: string };

function scan({ content, isText, path }: WholeFile, programs: Programs, found: Found): void {
  let isOfInterest = false;
  programs.screens[isText ? "text" : "program"].scan(content, content.length, () => {
    isOfInterest = true;
  });
  if (isOfInterest) tell(programs.shipped.scan(content), { content, path }, found);
}

function tell(matches: readonly YaraMatch[], { content, path }: Omit<WholeFile, "isText">, found: Found): void {
  if (matches.length === 0) return;
  const sha256 = sha256Of(content);
  for (const { rule, title, severity } of matches) {
    found(
      toMalware({
        id: rule,
        title: title === "" ? `YARA rule ${rule}` : title,
        severity: severityOf(severity),
        detector: "yara",
        path,
        sha256,
      }),
    );
  }
}

function makeScreens(sources: readonly YaraSource[]): Programs["screens"] {
  const make = (texts: readonly string[]): LiteralScreen =>
    makeLiteralScreen(texts.map((text) => ({ text, isCaseless: true })));
  const { text, program } = screensOf(sources);
  return { text: make(text), program: make(program) };
}

async function readOwnRules(files: readonly string[]): Promise<readonly YaraSource[]> {
  return Promise.all(
    files.map(async (name) => {
      try {
        const text = await readFile(name, "utf8");
        if (text.length > maxRuleFileBytes) throw new RangeError(`longer than ${maxRuleFileBytes} characters`);
        return { name, text };
      } catch (cause) {
        throw new PlimsollError("POLICY_INVALID", `${name}: ${errorText(cause)}`, {
          hint: "correct the rule file",
          cause,
        });
      }
    }),
  );
}

function fingerprintOf(sources: readonly YaraSource[]): string {
  const hash = createHash("sha256");
  for (const { text } of sources) hash.update(`${text.length}\n`).update(text);
  return `yara 1 ${hash.digest("hex")}`;
}
