// Tests beside rules: an event that differs from an ordinary one, and every rule that has to see it, no more and no fewer.

import { isMap, isSeq, LineCounter } from "yaml";
import {
  array,
  boolean,
  type Decoded,
  decode,
  either,
  exactObject,
  integer,
  literal,
  number,
  optional,
  record,
  string,
} from "../../../base/schema.ts";
import { type KernelEventKind, type KernelVerdict, type Protection, protections } from "../../../model/watch.ts";
import { eventKinds, isEventKind } from "../event-kinds.ts";
import { parseYaml, valuesOf, wrongRule } from "../rule-file.ts";

const processText = {
  name: optional(string),
  path: optional(string),
  argv: optional(array(string)),
  uid: optional(integer),
};

const verdicts: readonly KernelVerdict[] = ["seen", "denied", "killed"];

const eventText = exactObject({
  kind: string,
  path: optional(string),
  argv: optional(array(string)),
  address: optional(string),
  port: optional(integer),
  verdict: optional(literal<KernelVerdict>(...verdicts)),
  protection: optional(literal<Protection>(...protections)),
  /** Any of isNew, isCopied, isMemory, isUnlinked that is true. */
  origin: optional(array(literal("new", "copied", "memory", "unlinked"))),
  /** Who it was done to lives in: the same container, another, or the host. */
  target: optional(literal("same", "other", "host")),
  details: optional(record(either(string, number))),
});

const testText = exactObject({
  name: string,
  event: eventText,
  process: optional(exactObject({ ...processText, stdin: optional(string), stdout: optional(string) })),
  /** Nearest first. */
  parents: optional(array(exactObject(processText))),
  container: optional(
    exactObject({
      name: optional(string),
      image: optional(string),
      owner: optional(string),
      labels: optional(record(string)),
      isHost: optional(boolean),
    }),
  ),
  /** Names of all rules that match. */
  alerts: array(string),
});

const fileText = exactObject({ tests: array(testText) });

type TestText = Decoded<typeof testText>;
export type RuleTest = Omit<TestText, "event"> & {
  readonly event: Omit<TestText["event"], "kind"> & { readonly kind: KernelEventKind };
  readonly file: string;
  /** 1-based. */
  readonly line: number;
};

/** @throws PlimsollError RULES_INVALID */
export function readRuleTests(file: string, text: string): readonly RuleTest[] {
  const counter = new LineCounter();
  const document = parseYaml(file, text, counter);
  const context = { code: "RULES_INVALID", where: file, hint: "see docs/rules.md for what a test may say" } as const;
  const nodes = isMap(document.contents) ? document.contents.get("tests", true) : undefined;
  return decode(fileText, valuesOf(document, file), context).tests.map((test, index) => {
    const node = isSeq(nodes) ? nodes.items[index] : undefined;
    const line = counter.linePos(isMap(node) ? (node.range?.[0] ?? 0) : 0).line;
    const { kind } = test.event;
    if (isEventKind(kind)) return { ...test, event: { ...test.event, kind }, file, line };
    throw wrongRule(
      file,
      line,
      `there is no kind of event ${kind}, expected one of ${Object.keys(eventKinds).join(", ")}`,
    );
  });
}
