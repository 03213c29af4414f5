// Runners and schedulers create the same container again and again. What such a request means, and what policy says of it, is
// remembered for one caller, one generation of policies, one exact head and one exact body; only for creates that name
// nothing but images, and only while each name still means the same image of the same owner. Sent is the body that was
// sent the first time, with the id of this request in the place of that one's.

import { listAt } from "../base/reading.ts";
import type { EngineDescription } from "../engine/engine.ts";
import type { JsonObject } from "../model/json.ts";
import { createMemory, type Memory } from "../policy/memory.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import type { EngineRequest, ListenerProfile, PinnedCall, Reference } from "./call.ts";
import type { Gate } from "./gate.ts";
import type { Asking, Understood } from "./judge-call.ts";
import { headText } from "./known-calls.ts";
import type { CallBytes } from "./normalize/read-call.ts";
import { toEngineRequest } from "./normalize/to-engine-request.ts";
import { numberCallers } from "./number-callers.ts";
import { requestLabel } from "./ownership/labels.ts";
import { objectIn } from "./references/edit-json.ts";
import type { FoundImage } from "./references/found.ts";
import { ownerOfImage } from "./references/image-owner.ts";

export interface KnownCreates {
  /** What the request means, if it is known. @throws what reading its body throws */
  find(asking: Asking): Promise<Understood | undefined>;
  /** Remembers it if it may be remembered. */
  keep(asking: Asking, understood: Understood, read: CallBytes): void;
}

/** A head that came with a create: how much of a body to read, and what bodies meant. */
type KnownHead = {
  /** The listener and the engine that it was judged for. */
  readonly profile: ListenerProfile;
  readonly engine: EngineDescription;
  readonly maxBodyBytes: number;
  readonly bodies: Memory<KnownCreate>;
};

type KnownCreate = {
  readonly understood: Understood & { readonly pinned: JsonCall };
  readonly images: readonly KnownImage[];
  readonly request: EngineRequest;
  readonly bytes: Uint8Array;
  /** Where in the bytes the request's id stands. */
  readonly idAt: number;
};

type JsonCall = PinnedCall & {
  readonly call: { readonly body: { readonly kind: "json"; readonly value: JsonObject } };
};

type KnownImage = { readonly reference: Reference; readonly found: FoundImage };

/** For each generation of policies, and for each head. */
const [maxHeads, maxBodies] = [64, 8];
const maxHeadLength = 2048;
const maxBodyLength = 8 * 1024;

export function createKnownCreates(): KnownCreates {
  const generations = new WeakMap<PolicyEngine, Memory<KnownHead>>();
  const numberOf = numberCallers();
  const keyOf = ({ principal, exchange }: Asking): string => `${numberOf(principal)}\n${headText(exchange.head)}`;
  const headOf = (asking: Asking): KnownHead | undefined => {
    const head = generations.get(asking.policies)?.get(keyOf(asking));
    const isSame = head?.profile === asking.exchange.profile && head.engine === asking.gate.engine();
    return isSame ? head : undefined;
  };
  return {
    async find(asking) {
      const head = asking.exchange.head.method === "POST" ? headOf(asking) : undefined;
      if (head === undefined) return undefined;
      const bytes = await asking.exchange.readBody(head.maxBodyBytes);
      const known = bytes.length > maxBodyLength ? undefined : head.bodies.get(textOf(bytes));
      return known !== undefined && isStillMeant(known, asking) ? stamped(known, asking) : undefined;
    },
    keep(asking, understood, read) {
      if (read.bytes.length > maxBodyLength || !isSimple(understood.pinned, asking)) return;
      const known = knownCreate(understood, asking);
      const key = keyOf(asking);
      if (known === undefined || key.length > maxHeadLength) return;
      const heads = generations.get(asking.policies) ?? createMemory<KnownHead>(maxHeads);
      generations.set(asking.policies, heads);
      const head = headOf(asking) ?? {
        profile: asking.exchange.profile,
        engine: asking.gate.engine(),
        maxBodyBytes: read.maxBytes,
        bodies: createMemory<KnownCreate>(maxBodies),
      };
      heads.set(key, head);
      head.bodies.set(textOf(read.bytes), known);
    },
  };
}

/** A character for each byte. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Names images alone, binds nothing of the host, and no profile changes it. */
function isSimple({ call, references }: PinnedCall, { exchange, gate }: Asking): boolean {
  return (
    call.route.action === "container.create" &&
    call.body.kind === "json" &&
    exchange.profile.transport !== "authz-plugin" &&
    gate.profiles().length === 0 &&
    references.every(({ role, exists }) => role === "image" && exists) &&
    ["Binds", "Mounts"].every((key) => listAt(call.body, "value", "HostConfig", key).length === 0)
  );
}

function knownCreate(understood: Understood, { gate, principal, trail }: Asking): KnownCreate | undefined {
  const { pinned } = understood;
  const { body } = pinned.call;
  const images = pinned.references.map((reference) => imageNow(reference, gate, principal.owner));
  const known = images.filter((image) => image !== undefined);
  const request = toEngineRequest(pinned.call);
  if (request.body.kind !== "bytes" || body.kind !== "json" || known.length < images.length) return undefined;
  const { bytes } = request.body;
  const sent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const idAt = sent.indexOf(trail.id);
  if (idAt < 0 || idAt !== sent.lastIndexOf(trail.id)) return undefined;
  const call = { ...pinned.call, body };
  return { understood: { ...understood, pinned: { ...pinned, call } }, images: known, request, bytes, idAt };
}

/** The image behind a reference, as it is known without asking; undefined when it is not known, or not the same. */
function imageNow(reference: Reference, { lookup }: Gate, me: string): KnownImage | undefined {
  const found = lookup.knownImage(reference.name);
  return found?.id === reference.id && isOwnedAs(reference, found, lookup.ledger, me)
    ? { reference, found }
    : undefined;
}

function isStillMeant({ images }: KnownCreate, { gate, principal }: Asking): boolean {
  if (gate.profiles().length > 0) return false;
  for (const { reference, found } of images) {
    if (gate.lookup.knownImage(reference.name) !== found) return false;
    if (!isOwnedAs(reference, found, gate.lookup.ledger, principal.owner)) return false;
  }
  return true;
}

function isOwnedAs(reference: Reference, found: FoundImage, ledger: Gate["ledger"], me: string): boolean {
  const { owner, isShared } = ownerOfImage(found, ledger, me);
  return owner === reference.owner && isShared === reference.isShared;
}

/** The same create with this request's id. */
function stamped({ understood, request, bytes, idAt }: KnownCreate, { principal, trail }: Asking): Understood {
  const { pinned, question, decision } = understood;
  const { call } = pinned;
  const { value } = call.body;
  const labels = { ...objectIn(value, "Labels"), [requestLabel]: trail.id };
  const sent = Buffer.allocUnsafe(bytes.length);
  sent.set(bytes);
  sent.write(trail.id, idAt, "latin1");
  const now: PinnedCall = {
    ...pinned,
    call: { ...call, body: { kind: "json", value: { ...value, Labels: labels } } },
  };
  return {
    pinned: now,
    question: trail.asked({ ...question, principal }),
    decision: trail.decided(decision),
    written: { of: now, request: { ...request, sameHead: request, body: { kind: "bytes", bytes: sent } } },
  };
}
