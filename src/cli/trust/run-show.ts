// What `plimsoll trust show` does: looks up what was signed about the index and about each of its images, and draws it.

import { type LookedUp, lookUpStatements } from "../../admission/trust/look-up-statements.ts";
import { withLookaside } from "../../admission/trust/lookaside.ts";
import { resolveTop } from "../../admission/trust/resolve-subject.ts";
import { openTrustDesk } from "../../admission/trust/trust-desk.ts";
import { printable } from "../../base/printable.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { Digest } from "../../model/image.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { describeSigner, nameOfSigner } from "../../trust/tally.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { drawTree, type TreeNode } from "./draw-tree.ts";
import { imagesOf } from "./images-of.ts";
import { exitCodeOf } from "./run-verify.ts";
import { imageOf, judgingOf, registrySettings } from "./trust-room.ts";

export async function runShow(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const reference = imageOf(input);
  const settings = registrySettings(context, input);
  const judging = judgingOf(context, input, reference);
  const store = withLookaside(openArtifacts(reference, settings), judging.file.lookaside);
  const { subject, top } = await resolveTop(reference, store);
  const look = (digest: Digest, mediaType: string, size: number): Promise<LookedUp> =>
    lookUpStatements({ ...subject, digest, mediaType, size }, store, judging.file.material, Date.now());
  const children = imagesOf(top);
  const [own, ...below] = await Promise.all(
    [{ ...top, size: top.bytes.byteLength }, ...children].map((one) => look(one.digest, one.mediaType, one.size)),
  );
  const verdict = await openTrustDesk({ ...judging, settings, nowMs: Date.now }).judgeSubject(subject);
  const { stdout } = context;
  const name = `${subject.repository}${subject.tag === "" ? "" : `:${subject.tag}`}`;
  const images = children.map((child, at) => ({
    text: `${stdout.style("bold", printable(child.platform))}  ${child.digest}`,
    children: voices(below[at], judging.file, stdout),
  }));
  const isIndex = children.length > 0;
  const kind = isIndex ? `index of ${children.length}` : "image";
  const root: TreeNode = {
    text: `${stdout.style("bold", printable(name))}  ${kind}`,
    children: [{ text: top.digest, children: voices(own, judging.file, stdout) }, ...images],
  };
  stdout.write(drawTree(root));
  const code = exitCodeOf(verdict);
  stdout.write(`\n${stdout.style(code === 0 ? "green" : "red", verdict.state)}: ${printable(verdict.reason)}\n`);
  return code;
}

/** One line for each who says something, and one when nobody does. */
function voices(found: LookedUp | undefined, file: TrustFile, terminal: Terminal): readonly TreeNode[] {
  if (found === undefined) return [];
  const said = found.statements.map(({ format, signer, predicateType }) => {
    const who = nameOfSigner(signer, file) ?? `${describeSigner(signer)}, whom the trust file does not name`;
    const what = predicateType === "" ? "signed" : `attested ${predicateType}`;
    return leaf(`${terminal.style("green", "✔")} ${printable(`${what} by ${who} (${format})`)}`);
  });
  const refused = found.rejected.map(({ format, why }) =>
    leaf(`${terminal.style("red", "✘")} ${printable(`${format}: ${why}`)}`),
  );
  const unknown = found.unreachable === "" ? [] : [leaf(`? ${printable(found.unreachable)}`)];
  const lines = [...said, ...refused, ...unknown];
  return lines.length > 0 ? lines : [leaf(terminal.style("dim", "nobody signed this"))];
}

function leaf(text: string): TreeNode {
  return { text, children: [] };
}
