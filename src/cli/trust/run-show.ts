// What `plimsoll trust show` does: looks up what was signed about the index and about each of its images, and draws it.

import { type LookedUp, lookUpStatements } from "../../admission/trust/look-up-statements.ts";
import { withLookaside } from "../../admission/trust/lookaside.ts";
import { resolveTop } from "../../admission/trust/resolve-subject.ts";
import { openTrustDesk } from "../../admission/trust/trust-desk.ts";
import { errorText } from "../../base/errors.ts";
import { nameWarnings } from "../../base/name-warnings.ts";
import { printable } from "../../base/printable.ts";
import { formatReference, type ImageReference } from "../../base/reference.ts";
import { formatPlatform, thisPlatform } from "../../image/documents/platform.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { Artifact, ArtifactStore } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import type { TrustSubject, TrustVerdict } from "../../model/trust.ts";
import { findScope } from "../../trust/file/scopes.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { describeThreshold } from "../../trust/tally.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { type Terminal, wrapText } from "../terminal.ts";
import { drawTree, type TreeNode } from "./draw-tree.ts";
import { findingsOf } from "./findings-of.ts";
import { type ImageOfIndex, imagesOf } from "./images-of.ts";
import { isFileName, openCarried } from "./open-carried.ts";
import { exitCodeOf, judgeFile } from "./run-verify.ts";
import { imageOf, judgingOf, registrySettings } from "./trust-room.ts";
import { drawVoices, hearVoices } from "./voices.ts";

type Part = { readonly title: string; readonly digest: Digest; readonly found: LookedUp; readonly findings: string };

export async function runShow(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const shown = await (isFileName(input.positionals[0] ?? "") ? showFile : showNamed)(context, input);
  const { reference, store, subject, top, verdict, file } = shown;
  const children = imagesOf(top);
  const isIndex = children.length > 0;
  const own = await lookUpStatements(subject, store, file.material, Date.now());
  const wanted = formatPlatform(registrySettings(context, input).platform ?? thisPlatform());
  const part = async (child: ImageOfIndex): Promise<Part> => ({
    ...{ title: child.platform, digest: child.digest },
    found: await lookUpStatements({ ...subject, ...child }, store, file.material, Date.now()),
    findings: child.platform === wanted ? await findingsIn(context, input, shown.source(child.digest)) : "",
  });
  const parts = await Promise.all(children.map(part));
  const findings = isIndex ? "" : await findingsIn(context, input, shown.source(subject.digest));
  const first = { title: isIndex ? "index" : "image", digest: subject.digest, found: own, findings };
  const { stdout } = context;
  stdout.write(heading(reference, children.length, stdout));
  const nodes = [first, ...parts].map((one) => nodeOf(one, one === first ? "" : subject.digest, file, subject, stdout));
  const [root = { text: "", children: [] }, ...below] = nodes;
  stdout.write(drawTree({ ...root, children: [...root.children, ...below] }));
  stdout.write(conclusion(verdict, file, stdout));
  return exitCodeOf(verdict);
}

type Shown = {
  readonly reference: ImageReference;
  readonly store: ArtifactStore;
  readonly subject: TrustSubject;
  readonly top: Artifact;
  readonly verdict: TrustVerdict;
  readonly file: TrustFile;
  /** Where a scan reads the image with this digest. */
  source(digest: Digest): string;
};

async function showNamed(context: CommandContext, input: CommandInput): Promise<Shown> {
  const reference = imageOf(input);
  const settings = registrySettings(context, input);
  const judging = judgingOf(context, input, reference);
  const { file } = judging;
  const store = withLookaside(openArtifacts(reference, settings), file.lookaside, settings);
  const { subject, top } = await resolveTop(reference, store);
  const desk = openTrustDesk({ ...judging, settings, nowMs: Date.now });
  const verdict = await judged(
    () => desk.judge({ ...reference, digest: subject.digest }),
    () => desk.judgeSubject(subject),
  );
  const source = (digest: Digest): string => `registry://${subject.repository}@${digest}`;
  return { reference, store, subject, top, verdict, file, source };
}

/** What the file says, and nobody else. */
async function showFile(context: CommandContext, input: CommandInput): Promise<Shown> {
  const [name = ""] = input.positionals;
  const { claim, judged } = await judgeFile(context, input, await openCarried(name, registrySettings(context, input)));
  const { reference, store } = claim;
  const { file } = judgingOf(context, input, reference);
  const { subject, top } = await resolveTop(reference, store);
  return { reference, store, subject, top, verdict: judged.verdict, file, source: () => name };
}

/** An index without an image for this machine is judged all the same. */
async function judged(
  whole: () => Promise<{ readonly verdict: TrustVerdict }>,
  itself: () => Promise<TrustVerdict>,
): Promise<TrustVerdict> {
  return await whole().then(({ verdict }) => verdict, itself);
}

async function findingsIn(context: CommandContext, input: CommandInput, source: string): Promise<string> {
  if (!input.flag("findings")) return "";
  try {
    return await findingsOf(context, input, source);
  } catch (thrown) {
    return `could not be read: ${errorText(thrown)}`;
  }
}

function heading(reference: ImageReference, images: number, terminal: Terminal): string {
  const count = images === 0 ? "" : terminal.style("dim", `  ${images} image${images === 1 ? "" : "s"}`);
  const warnings = nameWarnings(reference).map(
    ({ detail }) => `${terminal.style("yellow", "!")} ${printable(detail, 300)}\n`,
  );
  return `${terminal.style("bold", printable(formatReference(reference), 300))}${count}\n${warnings.join("")}\n`;
}

/** @param index the digest that vouches for it; "" for the index itself */
function nodeOf(part: Part, index: Digest, file: TrustFile, subject: TrustSubject, terminal: Terminal): TreeNode {
  const isChild = index !== "";
  const voices = hearVoices({
    found: part.found,
    file,
    subject: { ...subject, digest: part.digest },
    nowMs: Date.now(),
  });
  const nobody = isChild ? "nobody signed it by itself; whoever signed the index vouches for it" : "nobody signed it";
  const lines = voices.length > 0 ? drawVoices(voices, terminal, isChild ? 6 : 3) : [terminal.style("dim", nobody)];
  const found = part.findings === "" ? [] : [`${terminal.style("cyan", "▪")} found  ${printable(part.findings, 200)}`];
  const title = terminal.style("bold", terminal.style("cyan", printable(part.title, 40)));
  return {
    text: `${title}  ${part.digest}`,
    children: [...lines, ...found].map((text) => ({ text, children: [] })),
  };
}

function conclusion(verdict: TrustVerdict, file: TrustFile, terminal: Terminal): string {
  const isGood = exitCodeOf(verdict) === 0;
  const word = terminal.style("bold", terminal.style(isGood ? "green" : "red", verdict.state.toUpperCase()));
  const rule = findScope(file.rules, verdict.subject.repository);
  const asked = rule === undefined ? "no rule covers it" : `${rule.scope} needs ${describeThreshold(rule.signers)}`;
  const rows: readonly (readonly [string, string])[] = [
    ["why", verdict.reason],
    ["rule", asked],
    ["do", verdict.remedy],
  ];
  const told = rows.filter(([, text]) => text !== "").map(([label, text]) => labelled(label, text, terminal));
  return `\n${word}\n${told.join("")}`;
}

/** The label once, the text beside it, on as many lines as it takes. */
function labelled(label: string, text: string, terminal: Terminal): string {
  const [first = "", ...more] = wrapText(printable(text, 1000), terminal.isTerminal ? terminal.columns - 8 : 4096)
    .trimEnd()
    .split("\n");
  const lines = [`  ${terminal.style("dim", label.padEnd(4))}  ${first}`, ...more.map((line) => `        ${line}`)];
  return lines.map((line) => `${line}\n`).join("");
}
