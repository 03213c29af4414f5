// Judges what another container runtime is about to pull, by the same trust file as the gate. Unknown means no, and every answer
// is recorded before it is given.

import type { TrustGeneration, TrustInForce } from "../admission/trust/trust-in-force.ts";
import { errorText, PlimsollError } from "../base/errors.ts";
import { formatReference, type ImageReference, readReference, repositoryOf } from "../base/reference.ts";
import { requestId } from "../base/request-id.ts";
import type { AskedImage, ImageAnswer } from "../cli/service.ts";
import { mayUse } from "../gate/admission/trust-gate.ts";
import type { AuditOpening, AuditOutcome, AuditSink } from "../model/audit.ts";
import type { Facts } from "../model/facts.ts";
import type { Principal } from "../model/principal.ts";
import type { TrustVerdict } from "../model/trust.ts";

export type ImageJudgeOptions = {
  readonly trust: TrustInForce;
  readonly audit: AuditSink;
  readonly nowMs: () => number;
};

type Judged = ImageAnswer & { readonly rule: string; readonly facts: Facts };

/** The runtime speaks for whoever asked it; only root reaches the socket. */
const runtime: Principal = {
  ...{ id: "unix:root", kind: "unix", name: "root", groups: [], owner: "unix:root", provider: "control-socket" },
};
const outcome: AuditOutcome = { status: 0, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "complete" };

/** @returns the answerer; it throws only when nothing can be recorded */
export function createImageJudge(options: ImageJudgeOptions): (asked: AskedImage) => Promise<ImageAnswer> {
  return async (asked) => {
    const judged = await judge(asked, options);
    await record(asked, judged, options);
    return { isAllowed: judged.isAllowed, reason: judged.reason };
  };
}

async function judge({ name, digest }: AskedImage, { trust }: ImageJudgeOptions): Promise<Judged> {
  const reference = readReference(name);
  if (reference === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest)) return denied("no image is called so", name);
  if (reference.digest !== undefined && reference.digest !== digest) return denied("name and digest differ", name);
  const image = formatReference(reference);
  try {
    const generation = trust.current();
    if (generation === undefined) return denied("there is no trust file on this host that allows it", image);
    const { verdict: own } = await generation.desk.judge({ ...reference, digest });
    const verdict = mayUse(own, generation) ? own : ((await verdictOfIndex(reference, digest, generation)) ?? own);
    const { reason, remedy, signers, scope, state } = verdict;
    const isAllowed = mayUse(verdict, generation);
    return {
      ...{ isAllowed, reason: isAllowed || remedy === "" ? reason : `${reason}; ${remedy}` },
      rule: scope === "" ? "trust/file" : `trust/${scope}`,
      facts: { image, digest, repository: repositoryOf(reference), trust: state, signers },
    };
  } catch (thrown) {
    const hint = thrown instanceof PlimsollError ? `; ${thrown.hint}` : "";
    return denied(`nobody can tell who signed it: ${errorText(thrown)}${hint}`, image);
  }
}

/**
 * A runtime may ask about the image for its platform, where the index that lists it is what is signed: only the tag leads there.
 * @returns undefined when no trusted index lists it
 */
async function verdictOfIndex(
  { digest: _, ...reference }: ImageReference,
  digest: string,
  { desk, file }: TrustGeneration,
): Promise<TrustVerdict | undefined> {
  if (reference.tag === undefined || file.revokedDigests.includes(digest)) return undefined;
  try {
    const { verdict, manifestDigest } = await desk.judge(reference);
    return verdict.state === "trusted" && manifestDigest === digest ? verdict : undefined;
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}

function denied(reason: string, image: string): Judged {
  return { isAllowed: false, reason, rule: "trust/unreadable", facts: { image } };
}

async function record(asked: AskedImage, judged: Judged, { audit, nowMs }: ImageJudgeOptions): Promise<void> {
  const at = nowMs();
  const opening: AuditOpening = {
    ...{ id: requestId(at), time: new Date(at).toISOString(), listener: "control", mode: "enforce" },
    ...{ caller: runtime, method: "", path: "/judge-image", action: "image.pull" },
    resource: {
      type: "Image",
      id: asked.digest.slice(0, 80),
      name: asked.name.slice(0, 300),
      owner: "",
      isShared: true,
    },
    ...{ facts: judged.facts, verdict: judged.isAllowed ? "allow" : "deny", wouldDeny: false },
    rules: [{ id: judged.rule, kind: "request", file: "", line: 0 }],
    reason: judged.reason,
  };
  await audit.close(opening, outcome);
}
