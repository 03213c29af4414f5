// What a thread of ours gets as its environment. It does not inherit where compiled code is kept, and compiling takes it longer
// than a small task.

import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

export function threadEnvironment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  // Node appends its own version to the folder.
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(folder) };
}
