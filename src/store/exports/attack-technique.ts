// What a refused call would have been in MITRE ATT&CK for containers. Source: attack.mitre.org/matrices/enterprise/containers.

import type { AuditRecord } from "../../model/audit.ts";

export type AttackTechnique = { readonly uid: string; readonly name: string; readonly tactic: string };

const escapeToHost: AttackTechnique = { uid: "T1611", name: "Escape to Host", tactic: "Privilege Escalation" };
const execution: AttackTechnique = { uid: "T1609", name: "Container Administration Command", tactic: "Execution" };
const build: AttackTechnique = { uid: "T1612", name: "Build Image on Host", tactic: "Defense Evasion" };
const implant: AttackTechnique = { uid: "T1525", name: "Implant Internal Image", tactic: "Persistence" };
const discovery: AttackTechnique = { uid: "T1613", name: "Container and Resource Discovery", tactic: "Discovery" };

const byAction: Readonly<Record<string, AttackTechnique>> = {
  "container.create": escapeToHost,
  "container.update": escapeToHost,
  "volume.create": escapeToHost,
  "exec.create": execution,
  "exec.start": execution,
  "container.attach": execution,
  "image.build": build,
  "image.load": implant,
  "image.tag": implant,
  "image.import": implant,
  "container.commit": implant,
  "container.list": discovery,
  "container.inspect": discovery,
  "image.list": discovery,
  "network.list": discovery,
};

/** Only for calls that policy refused, or would have. */
export function attackTechnique(record: AuditRecord): AttackTechnique | undefined {
  return record.verdict === "deny" || record.wouldDeny ? byAction[record.action] : undefined;
}
