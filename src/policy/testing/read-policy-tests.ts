// A *.test.yaml file -> policy tests. Every key is known or refused, so that a slip of the pen never makes a test pass.
//
//   sets: [baseline, mine.cedar]                  # the .cedar file of the same name when left out
//   facts: {user: "1000", runsAsRoot: false}      # for all tests of the file
//   tests:
//     - name: privileged containers are refused
//       principal: unix:bob                       # or {id, groups, owner, container, uid}; unix:bob when left out
//       action: container.create
//       resource: {id, name, owner, shared}       # a new thing when left out
//       facts: {privileged: true}                 # what differs from an ordinary call
//       expect: deny
//       rules: [baseline/no-privileged]           # all of them
//     - name: root holds these grants
//       principal: unix:root
//       grants: [owner.any, owner.unowned]

import { type Document, isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Action } from "../../model/action.ts";
import type { Resource } from "../../model/decision.ts";
import type { Facts } from "../../model/facts.ts";
import { isAction, resourceTypes } from "../actions.ts";
import type { PolicySchema } from "../schema.ts";
import { usualFacts } from "../usual-facts.ts";
import { Fields } from "./fields.ts";
import type { PolicyTest, PolicyTestFile } from "./policy-test.ts";
import { readCaller } from "./read-caller.ts";

const maxLength = 1024 * 1024;

/** @throws PlimsollError POLICY_INVALID, naming file, line and mistake */
export function readPolicyTests(file: string, text: string, schema: PolicySchema): PolicyTestFile {
  if (text.length > maxLength) throw wrong(file, 1, `more than ${maxLength} characters`);
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const [mistake] = document.errors;
  if (mistake !== undefined) throw wrong(file, counter.linePos(mistake.pos[0]).line, mistake.message);
  const whole = new Fields(plainValues(document, file), ["sets", "facts", "tests"], (what) => wrong(file, 1, what));
  const common = whole.facts("facts");
  const nodes = isMap(document.contents) ? document.contents.get("tests", true) : undefined;
  const tests = whole.list("tests").map((entry, index) => {
    const node = isSeq(nodes) ? nodes.items[index] : undefined;
    const line = counter.linePos(isMap(node) ? (node.range?.[0] ?? 0) : 0).line;
    const fields = new Fields(entry, keys, (what) => wrong(file, line, what));
    return { name: fields.text("name"), file, line, expected: readExpected(fields, common, schema) };
  });
  return { file, sets: whole.has("sets") ? whole.texts("sets") : [], tests };
}

/** Aliases are refused: a few bytes of them can stand for gigabytes. */
function plainValues(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw wrong(file, 1, errorText(cause));
  }
}

const keys = ["name", "principal", "action", "resource", "facts", "expect", "rules", "grants"];

function readExpected(fields: Fields, common: Facts, schema: PolicySchema): PolicyTest["expected"] {
  const principal = readCaller(fields);
  if (fields.has("grants")) return { kind: "grants", principal, grants: fields.texts("grants").toSorted() };
  const action = fields.text("action");
  if (!isAction(action)) throw fields.fail(`there is no action ${JSON.stringify(action)}`);
  const verdict = fields.text("expect");
  if (verdict !== "allow" && verdict !== "deny") throw fields.fail(`expect: ${verdict}, expected allow or deny`);
  const context = withFacts(action, common, fields, schema);
  const question = { principal, action, resource: readResource(fields, action), context };
  return { kind: "decision", question, verdict, rules: fields.texts("rules").toSorted() };
}

/** Facts of the whole file that an action does not have are left out; those of the test itself have to be known. */
function withFacts(action: Action, common: Facts, fields: Fields, schema: PolicySchema): Facts {
  const usual = usualFacts(action, schema);
  const own = fields.facts("facts");
  const unknown = Object.keys(own).find((name) => !Object.hasOwn(usual, name));
  if (unknown !== undefined) throw fields.fail(`${action} has no fact called ${unknown}`);
  const shared = Object.entries(common).filter(([name]) => Object.hasOwn(usual, name));
  return { ...usual, ...Object.fromEntries(shared), ...own };
}

function readResource(test: Fields, action: Action): Resource {
  const fields = new Fields(test.value("resource") ?? {}, ["id", "name", "owner", "shared"], test.fail);
  return {
    type: resourceTypes[action],
    id: fields.textOr("id", ""),
    name: fields.textOr("name", ""),
    owner: fields.textOr("owner", ""),
    isShared: fields.value("shared") === true,
  };
}

function wrong(file: string, line: number, what: string): PlimsollError {
  return new PlimsollError("POLICY_INVALID", `${file}:${line}: ${what}`, {
    hint: "see docs/policy.md for what a policy test may say",
  });
}
