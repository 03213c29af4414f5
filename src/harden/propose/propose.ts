// Behaviour -> the least that a container of the image needs, said five ways: profile, seccomp, AppArmor, flags and policy.

import { stringify } from "yaml";
import { stringifyJson } from "../../base/json.ts";
import { printable } from "../../base/printable.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { appArmorProfile, appArmorWish } from "./apparmor-profile.ts";
import { neededCapabilities } from "./needed-capabilities.ts";
import type { Proposal, ProposedFile } from "./proposal.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import { writableFolders } from "./writable-folders.ts";

/** Room for a busier day than the one that was seen. */
const spare = 2;
const leastProcesses = 32;
const leastMemory = 64 * 2 ** 20;

export type ProposalWishes = {
  /** `web`: names the profile and its files. */
  readonly name: string;
  /** Which images it is for: the image's id, or names that outlive it. */
  readonly images: readonly string[];
  readonly usesAppArmor: boolean;
};

export function propose(behaviour: Behaviour, wishes: ProposalWishes): Proposal {
  const capabilities = neededCapabilities(behaviour);
  const written = writableFolders(behaviour.written);
  const seccomp = behaviour.systemCalls === undefined ? undefined : seccompFilter(behaviour.systemCalls);
  const apparmor = `plimsoll-${wishes.name}`;
  const profile: Proposal["profile"] = {
    name: wishes.name,
    images: wishes.images,
    capabilities: capabilities.names,
    ...(behaviour.gainsByFiles ? {} : { noNewPrivileges: true }),
    ...(written.inRoot.length > 0 ? {} : { readOnlyRoot: { writable: written.folders } }),
    ...(behaviour.mostProcesses > 0 ? { pidsLimit: Math.max(leastProcesses, behaviour.mostProcesses * spare) } : {}),
    ...(behaviour.mostMemory > 0 ? { memory: roundUp(Math.max(leastMemory, behaviour.mostMemory * spare)) } : {}),
    ...(seccomp === undefined ? {} : { seccomp: seccomp.filter }),
    ...(wishes.usesAppArmor ? { apparmor } : {}),
    ...(behaviour.peers.length > 0 ? { connect: behaviour.peers } : {}),
  };
  const files: ProposedFile[] = [{ name: `${wishes.name}.yaml`, text: profileText(profile, behaviour) }];
  if (seccomp !== undefined)
    files.push({
      name: `${wishes.name}.seccomp.json`,
      text: `${JSON.stringify(JSON.parse(stringifyJson(seccomp.filter)), undefined, 2)}\n`,
    });
  const wish = appArmorWish(apparmor, behaviour, written, capabilities.names);
  files.push({ name: `${wishes.name}.apparmor`, text: appArmorProfile(wish) });
  files.push({ name: `${wishes.name}.cedar`, text: policyText(wishes.name, behaviour.imageId) });
  return {
    profile,
    files,
    flags: flagsOf(profile, wishes.name),
    notes: notesOf(behaviour, capabilities.isObserved, written.inRoot, seccomp?.leftOut ?? []),
  };
}

function profileText(profile: Proposal["profile"], behaviour: Behaviour): string {
  const { seccomp, memory, ...rest } = profile;
  const document = {
    ...rest,
    ...(memory === undefined ? {} : { memory: `${memory / 2 ** 20} MiB` }),
    ...(seccomp === undefined ? {} : { seccomp: `${profile.name}.seccomp.json` }),
  };
  const head = `# Learnt from ${behaviour.containers} container${behaviour.containers === 1 ? "" : "s"} of ${printable(behaviour.image, 200)}, ${behaviour.from} to ${behaviour.to}.\n`;
  return head + stringify(document, { lineWidth: 120 });
}

function policyText(name: string, imageId: string): string {
  return [
    `@id("${name}-as-learnt")`,
    `@reason("containers of this image run with the profile ${name}")`,
    `@remedy("put ${name}.yaml into the folder of profiles and run plimsoll reload")`,
    'forbid (principal, action == Action::"container.create", resource)',
    `when { context.imageId == "${imageId}" && !context.profiles.contains("${name}") };`,
    "",
  ].join("\n");
}

function flagsOf(profile: Proposal["profile"], name: string): readonly string[] {
  return [
    "--cap-drop=ALL",
    ...(profile.capabilities ?? []).map((capability) => `--cap-add=${capability.slice("CAP_".length)}`),
    ...(profile.noNewPrivileges === true ? ["--security-opt=no-new-privileges"] : []),
    ...(profile.seccomp === undefined ? [] : [`--security-opt=seccomp=${name}.seccomp.json`]),
    ...(profile.apparmor === undefined ? [] : [`--security-opt=apparmor=${profile.apparmor}`]),
    ...(profile.readOnlyRoot === undefined ? [] : ["--read-only"]),
    ...(profile.readOnlyRoot?.writable ?? []).map((folder) => `--tmpfs=${folder}`),
    ...(profile.pidsLimit === undefined ? [] : [`--pids-limit=${profile.pidsLimit}`]),
    ...(profile.memory === undefined
      ? []
      : [`--memory=${profile.memory / 2 ** 20}m`, `--memory-swap=${profile.memory / 2 ** 20}m`]),
  ];
}

function notesOf(
  behaviour: Behaviour,
  isObserved: boolean,
  inRoot: readonly string[],
  leftOut: readonly string[],
): readonly string[] {
  return [
    ...(behaviour.containers === 0 ? ["no container of this image ran meanwhile: there is nothing to learn from"] : []),
    ...(behaviour.lost > 0 ? [`${behaviour.lost} events were lost: what they told is missing here`] : []),
    ...(isObserved
      ? []
      : ["capabilities are concluded from system calls; this kernel does not tell which were asked for"]),
    ...(behaviour.systemCalls === undefined ? ["system calls were not counted: the engine's own filter stays"] : []),
    ...(inRoot.length > 0
      ? [
          `the root file system stays writable: ${inRoot
            .slice(0, 3)
            .map((path) => printable(path, 100))
            .join(", ")} lie${inRoot.length === 1 ? "s" : ""} right below /`,
        ]
      : []),
    ...(leftOut.length > 0 ? [`called, and not allowed all the same: ${leftOut.join(", ")}`] : []),
    ...behaviour.leftOut,
  ];
}

/** To whole 16 MiB. */
function roundUp(bytes: number): number {
  const step = 16 * 2 ** 20;
  return Math.ceil(bytes / step) * step;
}
