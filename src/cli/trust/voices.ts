// Who says what of one digest, a line each: what counts toward the rule, what does not and why, what does not hold.

import type { LookedUp } from "../../admission/trust/look-up-statements.ts";
import { printable } from "../../base/printable.ts";
import type { TrustSubject, VerifiedStatement } from "../../model/trust.ts";
import { findScope } from "../../trust/file/scopes.ts";
import type { TrustFile } from "../../trust/file/trust-file.ts";
import { countSigners, describeSigner, nameOfSigner } from "../../trust/tally.ts";
import { type Style, type Terminal, visibleWidth } from "../terminal.ts";
import { describeStatement } from "./describe-statement.ts";

export type Voice = {
  readonly mark: string;
  readonly style: Style;
  readonly who: string;
  readonly what: string;
  readonly says: string;
};

export type Hearing = {
  readonly found: LookedUp;
  readonly file: TrustFile;
  readonly subject: TrustSubject;
  readonly nowMs: number;
};

/** @returns nothing where nobody says anything */
export function hearVoices(hearing: Hearing): readonly Voice[] {
  const { rejected, unreachable, statements } = hearing.found;
  const said = statements.map((statement) => hearOne(statement, hearing));
  const refused = rejected.map(({ format, why }): Voice => voice("✘", "red", format, "not believed", why));
  const unknown = unreachable === "" ? [] : [voice("?", "yellow", "the registry", "cannot tell", unreachable)];
  return [...together(said), ...refused, ...unknown];
}

/** Lines with columns; what does not fit is cut on a terminal, never in a pipe. */
export function drawVoices(voices: readonly Voice[], terminal: Terminal, indent: number): readonly string[] {
  const width = (pick: (one: Voice) => string): number => Math.max(0, ...voices.map((one) => visibleWidth(pick(one))));
  const [whoWidth, whatWidth] = [width(({ who }) => who), width(({ what }) => what)];
  const room = terminal.isTerminal ? Math.max(24, terminal.columns - indent - whoWidth - whatWidth - 7) : 4096;
  return voices.map(({ mark, style, who, what, says }) => {
    const columns = `${terminal.style("bold", who.padEnd(whoWidth))}  ${what.padEnd(whatWidth)}`;
    const rest = says === "" ? "" : `  ${terminal.style("dim", cut(printable(says), room))}`;
    return `${terminal.style(style, mark)} ${columns}${rest}`.trimEnd();
  });
}

function cut(text: string, room: number): string {
  const letters = [...text];
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}

function hearOne(statement: VerifiedStatement, { file, subject, nowMs }: Hearing): Voice {
  const { what, says } = describeStatement(statement);
  const name = nameOfSigner(statement.signer, file);
  const who = name ?? describeSigner(statement.signer);
  const rule = findScope(file.rules, subject.repository);
  if (rule === undefined) return voice("○", "yellow", who, what, joined(statement.format, says, "no rule covers it"));
  const demand = rule.attestations.find(({ predicateType }) => predicateType === statement.predicateType);
  const isPlain = statement.predicateType === "";
  const asked = isPlain ? rule : { ...rule, binds: "any" as const };
  const tally = countSigners([statement], demand?.signers ?? rule.signers, { file, rule: asked, subject, nowMs });
  const [objection] = tally.dismissed;
  if (objection === undefined) return voice("✔", "green", who, what, joined(statement.format, says));
  const why = name === undefined ? "the trust file does not name it" : objection;
  return voice("○", "yellow", who, what, joined(statement.format, says, `does not count: ${why}`));
}

function voice(mark: string, style: Style, who: string, what: string, says: string): Voice {
  return { mark, style, who: printable(who, 60), what, says };
}

function joined(format: string, ...texts: readonly string[]): string {
  const isUsual = format === "sigstore-bundle" && texts.some((text) => text !== "");
  return [...(isUsual ? [] : [format]), ...texts.filter((text) => text !== "")].join("; ");
}

/** One signer in several formats is one line. */
function together(voices: readonly Voice[]): readonly Voice[] {
  const lines = new Map<string, Voice>();
  for (const one of voices) {
    const key = JSON.stringify([one.mark, one.who, one.what, one.what === "signed" ? "" : one.says]);
    const before = lines.get(key);
    const isNew = before !== undefined && one.what === "signed" && !before.says.split(", ").includes(one.says);
    lines.set(key, isNew ? { ...before, says: `${before.says}, ${one.says}` } : (before ?? one));
  }
  return [...lines.values()];
}
