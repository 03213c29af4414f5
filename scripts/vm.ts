// Runs one command in a Debian 6.1 guest with BPF LSM and AppArmor, on this machine's files: output and exit code come back.
// What the command leaves in /run/guest/out goes to the folder of --out.
// Usage: node scripts/vm.ts [--timeout SECONDS] [--out FOLDER] [--console] -- COMMAND [ARGUMENT ...]

import { runInGuest, whyNoGuest } from "../test/support/guest/guest.ts";

const separator = process.argv.indexOf("--");
const options = process.argv.slice(2, separator === -1 ? undefined : separator);
const argv = separator === -1 ? [] : process.argv.slice(separator + 1);
const timeout = options.indexOf("--timeout");
const seconds = timeout === -1 ? 600 : Number(options[timeout + 1]);
const outAt = options.indexOf("--out");
const out = outAt === -1 ? undefined : options[outAt + 1];

const why = argv.length === 0 || !(seconds > 0) ? "give a command after --" : await whyNoGuest();
if (why !== undefined) {
  process.stderr.write(`no guest: ${why}\n`);
  process.exitCode = 2;
} else {
  const result = await runInGuest({
    argv,
    timeoutMs: seconds * 1000,
    ...(out === undefined ? {} : { out }),
    onOutput: (chunk) => process.stdout.write(chunk),
  });
  if (result.exitCode === undefined) process.stderr.write(`the guest ended before the command\n${result.console}`);
  else if (options.includes("--console")) process.stderr.write(`${result.kernel}\n${result.console}`);
  process.exitCode = result.exitCode ?? 1;
}
