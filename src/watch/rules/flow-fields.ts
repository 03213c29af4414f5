// What rules can ask of conversations: events of the kinds flow and flow-ended. Details have them by the same names.

import { type Field, flag, list, number, numberOf, text, textOf } from "./field.ts";

const detail = (name: string, meaning: string): Field => text(meaning, (subject) => textOf(subject, name));
const count = (name: string, meaning: string): Field => number(meaning, (subject) => numberOf(subject, name));
const truth = (name: string, meaning: string): Field => flag(meaning, (subject) => numberOf(subject, name) !== 0);
const words = (name: string, meaning: string): Field =>
  list(meaning, (subject) => {
    const all = textOf(subject, name);
    return all === "" ? [] : all.split(" ");
  });

export const flowFields = {
  "flow.direction": detail("direction", "who began: out or in"),
  "flow.transport": detail("transport", "tcp or udp"),
  "flow.localAddress": detail("localAddress", "the container's own address"),
  "flow.bytesOut": count("bytesOut", "sent by the container so far, headers too"),
  "flow.bytesIn": count("bytesIn", "sent to it"),
  "flow.packetsOut": count("packetsOut", "sent by the container so far"),
  "flow.packetsIn": count("packetsIn", "sent to it"),
  "flow.seconds": count("seconds", "since it began"),
  "flow.signs": words("signs", "signs of an attack in what was said: jndi, sql-injection, stratum..."),
  "http.method": detail("http.method", "of a plain request"),
  "http.host": detail("http.host", "host header, lower case, with its port"),
  "http.path": detail("http.path", "path and query, as sent"),
  "http.userAgent": detail("http.userAgent", "what the client calls itself"),
  "tls.serverName": detail("tls.serverName", "the name that the client asks for (SNI)"),
  "tls.protocols": words("tls.protocols", "what the client offers to speak: h2, http/1.1"),
  "tls.subject": detail("tls.subject", "of the server's certificate; TLS 1.3 hides it"),
  "tls.issuer": detail("tls.issuer", "who signed it"),
  "tls.notAfter": detail("tls.notAfter", "when it ends, 2027-01-31T00:00:00.000Z"),
  "tls.fingerprint": detail("tls.fingerprint", "SHA-256 of it, hex"),
  "tls.isSelfSigned": truth("tls.isSelfSigned", "it signed itself"),
  "dns.name": detail("dns.name", "the name that is asked for, lower case"),
  "dns.type": detail("dns.type", "A, AAAA, TXT..."),
  "dns.addresses": words("dns.addresses", "what was answered"),
  "dns.isAnswer": truth("dns.isAnswer", "this is the answer"),
  "dns.isResolver": truth("dns.isResolver", "asked of whom the container is to ask, not of somebody else"),
  "dns.namesBelow": count("dns.namesBelow", "different names below this domain that it asked for within a minute"),
  "dns.entropy": count(
    "dns.entropy",
    "hundredths of a bit for each character before the domain: 400 and more is random",
  ),
} as const satisfies Readonly<Record<string, Field>>;
