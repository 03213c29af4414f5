// What is said at the beginning of a conversation: HTTP requests, TLS greetings, names that are asked for, a miner's greeting.

import { printable } from "../../base/printable.ts";
import { decodeDns } from "./dns-message.ts";
import type { Flow } from "./flow.ts";
import { decodeHttpRequest } from "./http-request.ts";
import { isStratum, signsOf } from "./request-signs.ts";
import { StreamHead } from "./stream-head.ts";
import { decodeClientHello, decodeServerCertificate } from "./tls-hello.ts";

export type Conversation = {
  http: Flow["http"];
  tls: Flow["tls"];
  dns: Flow["dns"];
  signs: readonly string[];
  clientHead: StreamHead | undefined;
  serverHead: StreamHead | undefined;
  /** Where the next request begins in what the client said. */
  nextRequest: number;
};

export type Said = {
  readonly protocol: "tcp" | "udp";
  readonly isFromClient: boolean;
  readonly sequence: number;
  readonly payload: Uint8Array;
};

export function newConversation(protocol: "tcp" | "udp"): Conversation {
  const head = (): StreamHead | undefined => (protocol === "tcp" ? new StreamHead() : undefined);
  return {
    ...{ http: undefined, tls: undefined, dns: undefined, signs: [], nextRequest: 0 },
    ...{ clientHead: head(), serverHead: head() },
  };
}

/** @param onLearnt called for each thing that is known now and was not before: two requests are two */
export function learn(conversation: Conversation, said: Said, onLearnt: () => void): void {
  if (said.payload.length === 0) return;
  if (said.protocol === "udp") {
    learnDns(conversation, said, onLearnt);
    return;
  }
  const head = said.isFromClient ? conversation.clientHead : conversation.serverHead;
  if (head === undefined) {
    if (said.isFromClient && conversation.http !== undefined) learnRequest(conversation, said.payload, onLearnt);
    return;
  }
  if (!head.add(said.sequence, said.payload)) return;
  if (said.isFromClient) learnFromClient(conversation, head.bytes, onLearnt);
  else learnFromServer(conversation, head.bytes, onLearnt);
  // What has been read, or is too long to be what we read, needs no memory.
  if (head.isFull && said.isFromClient) conversation.clientHead = undefined;
  if (head.isFull && !said.isFromClient) conversation.serverHead = undefined;
}

function learnDns(conversation: Conversation, { payload }: Said, onLearnt: () => void): void {
  const message = decodeDns(payload);
  if (message === undefined) return;
  const { name, type, addresses, isAnswer } = message;
  conversation.dns = { name, type, addresses, isAnswer };
  onLearnt();
}

function learnFromClient(conversation: Conversation, bytes: Uint8Array, onLearnt: () => void): void {
  const hello = conversation.http === undefined ? decodeClientHello(bytes) : undefined;
  if (hello === "more") return;
  if (hello !== undefined) {
    conversation.clientHead = undefined;
    conversation.tls = { ...hello, certificate: undefined };
    onLearnt();
    return;
  }
  for (let isMore = true; isMore; ) isMore = learnRequest(conversation, bytes, onLearnt, conversation.nextRequest);
  if (conversation.http !== undefined || decodeHttpRequest(bytes) === "more") return;
  conversation.clientHead = undefined;
  if (!isStratum(bytes)) return;
  conversation.signs = ["stratum"];
  onLearnt();
}

/** @returns whether there was a request, after which another one may come */
function learnRequest(conversation: Conversation, bytes: Uint8Array, onLearnt: () => void, at = 0): boolean {
  const rest = bytes.subarray(at);
  if (rest.length === 0) return false;
  const request = decodeHttpRequest(rest);
  if (request === undefined || request === "more") return false;
  const { method, host, userAgent, head } = request;
  conversation.http = { method, host, path: printable(request.path, 2048), userAgent: printable(userAgent, 256) };
  conversation.signs = signsOf(head);
  conversation.nextRequest = at + head.length + lineEnds + bodyLength(head);
  onLearnt();
  return true;
}

/** After the last header. */
const lineEnds = 4;

function bodyLength(head: string): number {
  const [, length] = /\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)/i.exec(head) ?? [];
  return Number(length ?? 0);
}

function learnFromServer(conversation: Conversation, bytes: Uint8Array, onLearnt: () => void): void {
  const certificate = decodeServerCertificate(bytes);
  if (certificate === "more") return;
  conversation.serverHead = undefined;
  if (certificate === undefined) return;
  conversation.tls = { serverName: "", protocols: [], ...conversation.tls, certificate };
  onLearnt();
}
