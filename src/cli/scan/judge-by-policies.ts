// What the policies would say of an image, asked in the name of who scans. Cedar is loaded while the image is being read.

import { userInfo } from "node:os";
import type { Decision } from "../../model/decision.ts";
import type { Principal } from "../../model/principal.ts";
import type { ScanResult } from "../../model/scan.ts";

const defaultSets: readonly string[] = ["baseline"];

/** @param sets `none` alone asks nobody @throws PlimsollError POLICY_INVALID */
export async function judgeByPolicies(
  sets: readonly string[],
): Promise<((result: ScanResult) => Decision) | undefined> {
  if (sets.length === 1 && sets[0] === "none") return undefined;
  const { loadPolicies } = await import("../../policy/load-policies.ts");
  const { policyFiles, readSchemaText } = await import("../../policy/policy-files.ts");
  const { admissionFacts } = await import("../../admission/verdict/admission-facts.ts");
  const { judgeImage } = await import("../../admission/verdict/judge-image.ts");
  const files = policyFiles(sets.length === 0 ? defaultSets : sets);
  const engine = loadPolicies(await files.read(), await readSchemaText());
  return (result) => {
    const asked = { listener: "", image: result.image.subject, imageId: result.image.configDigest };
    return judgeImage(admissionFacts(asked, result, Date.now()), caller(), engine);
  };
}

function caller(): Principal {
  const { username, uid, gid } = whoAmI();
  const id = `unix:${username}`;
  const process = { pid: globalThis.process.pid, uid, gid };
  return { id, kind: "unix", name: username, groups: [], owner: id, provider: "command-line", process };
}

/** In a container one may be a number that no file of accounts knows: called as the gate calls it. */
function whoAmI(): { readonly username: string; readonly uid: number; readonly gid: number } {
  try {
    return userInfo();
  } catch {
    const { getuid, getgid } = globalThis.process;
    const uid = getuid?.() ?? -1;
    return { username: `#${uid}`, uid, gid: getgid?.() ?? -1 };
  }
}
