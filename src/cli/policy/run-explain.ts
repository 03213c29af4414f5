// What `plimsoll policy explain` does.

import { readFile } from "node:fs/promises";
import { PlimsollError } from "../../base/errors.ts";
import type { Question } from "../../model/decision.ts";
import { protections } from "../../model/watch.ts";
import { isAction } from "../../policy/actions.ts";
import { loadPolicies } from "../../policy/load-policies.ts";
import { policyFiles, readSchemaText } from "../../policy/policy-files.ts";
import { readSchema } from "../../policy/schema.ts";
import { readPolicyTests } from "../../policy/testing/read-policy-tests.ts";
import { findRecord } from "../../store/read-audit.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { readConfiguration } from "../configuration/read-configuration.ts";
import { showExplanation } from "./show-explanation.ts";

export async function runExplain(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { questions, sets } = await findQuestions(context, input);
  const chosen = input.list("policies").length > 0 ? input.list("policies") : sets;
  const engine = loadPolicies(await policyFiles(chosen).read(), await readSchemaText());
  for (const question of questions) {
    const explanation = engine.explain(question);
    if (input.flag("json")) context.stdout.write(`${JSON.stringify({ question, ...explanation })}\n`);
    else showExplanation(question, explanation, { terminal: context.stdout, isWhole: input.flag("all") });
  }
  return 0;
}

type Asked = { readonly questions: readonly Question[]; readonly sets: readonly string[] };

async function findQuestions(context: CommandContext, input: CommandInput): Promise<Asked> {
  const request = input.positionals[0] ?? "";
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(request)) return fromFile(request);
  const { environment } = context;
  const configuration = readConfiguration({
    file: input.text("config"),
    environment,
    isRoot: process.getuid?.() === 0,
  });
  const record = findRecord(configuration.stateFolder, request);
  if (record === undefined || !isAction(record.action)) {
    throw new PlimsollError("NOT_FOUND", `no decision by policy is recorded under ${request}`, {
      hint: "look for the id with plimsoll log show",
    });
  }
  const { caller: principal, action, resource, facts } = record;
  const listener = configuration.listeners.find(({ name }) => name === record.listener);
  const question = { principal, action, resource, context: facts };
  const questions = action === "container.watch" ? levelQuestions(question) : [question];
  return { questions, sets: listener?.policies ?? ["baseline"] };
}

/** One record stands for all the questions by which the levels of a container were found. */
function levelQuestions({ context, resource, ...asked }: Question): readonly Question[] {
  return protections.flatMap((protection) =>
    (["off", "detect"] as const).map((level) => ({
      ...asked,
      resource: { ...resource, name: `${resource.name} with ${protection} at most at ${level}` },
      context: { ...context, protection, level },
    })),
  );
}

async function fromFile(file: string): Promise<Asked> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new PlimsollError("NOT_FOUND", `${file} is neither the id of a request nor a file that can be read`, {
      hint: "give an id of 26 characters or a *.test.yaml file",
      cause,
    });
  });
  const { tests, sets } = readPolicyTests(file, text, readSchema(await readSchemaText()));
  const questions = tests.flatMap(({ expected }) => (expected.kind === "decision" ? [expected.question] : []));
  return { questions, sets: sets.length > 0 ? sets : ["baseline"] };
}
