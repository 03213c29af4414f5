// The advisory database, where there is one. Without it a scan lists packages and says that it knows nothing of them.

import { PlimsollError } from "../../base/errors.ts";
import { type AdvisoryDatabase, openDatabase } from "../../findings/database/open-database.ts";
import type { Terminal } from "../terminal.ts";

/** @param isNamed by the user: then it has to be there @throws PlimsollError ADVISORIES_INVALID, ADVISORIES_MISSING */
export function openAdvisories(file: string, isNamed: boolean, stderr: Terminal): AdvisoryDatabase | undefined {
  try {
    return openDatabase(file);
  } catch (thrown) {
    if (isNamed || !(thrown instanceof PlimsollError) || thrown.code !== "ADVISORIES_MISSING") throw thrown;
    stderr.write(`plimsoll: ${thrown.message}: packages are listed, not judged; ${thrown.hint}\n`);
    return undefined;
  }
}
