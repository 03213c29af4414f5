// The sensor: probes in the kernel, what they tell as events, and what containers may do as maps that the probes look at.

import { closeSync, existsSync, openSync } from "node:fs";
import { PlimsollError } from "../base/errors.ts";
import type { ContainerProtection, Sensor } from "../model/watch.ts";
import { type ContainerIndex, createContainerIndex } from "./containers/container-index.ts";
import { findHierarchy, type Hierarchy, type V1Controller } from "./containers/hierarchy.ts";
import { u32 } from "./kernel/bpf-map.ts";
import { type Attached, BpfObject, type NotAttached } from "./kernel/bpf-object.ts";
import { choosePrograms } from "./kernel/choose-programs.ts";
import { permitBytes } from "./kernel/compile-permits.ts";
import { nothing, policyBytes } from "./kernel/compile-policy.ts";
import { createCopiedFiles } from "./kernel/copied-files.ts";
import { type Events, openEvents } from "./kernel/events.ts";
import { fileNameKeys } from "./kernel/file-names.ts";
import { findObject } from "./kernel/find-object.ts";
import { giveBackMemory } from "./kernel/give-back.ts";
import { kernelClock } from "./kernel/kernel-clock.ts";
import { openKernelTypes } from "./kernel/kernel-types.ts";
import { type Libbpf, openLibbpf } from "./kernel/libbpf.ts";
import { openPins, type Pins } from "./kernel/pins.ts";
import { createPolicyMaps, type PolicyMaps } from "./kernel/policy-maps.ts";
import { encodeSettings } from "./kernel/settings.ts";
import { actionTable } from "./kernel/system-calls.ts";
import { type CutStreams, createCutStreams } from "./streams/cut-streams.ts";
import { createHeldConnections, pidsIn } from "./streams/end-held.ts";
import { flowBytes, flowKeyBytes, whoBegan } from "./streams/who-began.ts";
import { reportProtections, reportTiers } from "./tiers/report-tiers.ts";
import { type Trial, tryLsm } from "./tiers/try-lsm.ts";

export type SensorOptions = {
  /** What containers may do that nobody announced; default: everything, unseen. */
  readonly unknown?: ContainerProtection;
  /** Every open for reading is told. Default: only of files with a name that matters. */
  readonly allReads?: boolean;
  /** Containers are told apart by this hierarchy of control groups; default: the best that is mounted. */
  readonly hierarchy?: "2" | V1Controller;
  /** Where programs and maps are held when this process is gone, `/sys/fs/bpf/plimsoll`; default: they go with it. */
  readonly pinFolder?: string;
  /** Also tells every getppid of a container: for measuring. */
  readonly isTrial?: boolean;
  /** Folder of the objects; default: the one that was installed. */
  readonly objects?: string;
  /** Default: `libbpf.so.1` */
  readonly libbpf?: string;
  /** Default: that of the kernel. */
  readonly kernelTypes?: string;
};

/** @throws PlimsollError NEED_MISSING (kernel, library, probes), PERMISSION_NEEDED, DIGEST_MISMATCH */
export function openSensor(options: SensorOptions = {}): Promise<Sensor> {
  // A promise, so that what opens slowly one day changes no caller.
  return Promise.resolve().then(() => open(options));
}

function open(options: SensorOptions): Sensor {
  checkHost(options.kernelTypes ?? "/sys/kernel/btf/vmlinux");
  const libbpf = openLibbpf(options.libbpf);
  const hierarchy = findHierarchy(options.hierarchy);
  const index = createContainerIndex(hierarchy);
  const pins = options.pinFolder === undefined ? undefined : openPins(libbpf, options.pinFolder);
  const { object, lsm } = load(libbpf, hierarchy, options, pins);
  const policies = openPolicies(object, index, options);
  policies.setUnknown(options.unknown ?? nothing);
  fillTables(object, options.isTrial ?? false);
  const { attached, failed, hasUnified } = attach(object);
  pins?.hold(attached);
  policies.enter(index.readTree());
  const clock = kernelClock();
  const events = openEvents(libbpf, object, index, policies);
  const copied = createCopiedFiles({
    compared: object.map("compared_files", 16, 16),
    levelOf: (cgroupId) => policies.levelsOf(index.find(cgroupId)?.id ?? "")?.drift,
    tell: events.tell,
  });
  events.onEvent(copied.see);
  const streams = openStreams(object, hierarchy, { index, policies, events });
  const held = createHeldConnections({
    ...{ pidsOf: pidsIn(hierarchy.folder), groupsOf: index.groupsOf, placeOf: index.find },
  });
  // Where control groups are of version 1 nothing is held.
  if (hierarchy.version === 2) events.onEvent(held.see);
  const memory = giveBackMemory();
  const tiers = reportTiers({ kind: "probes", lsm, failed, hasUnified });
  return {
    tiers,
    protections: reportProtections(tiers),
    onEvent: events.onEvent,
    onPacket: events.onPacket,
    protect: (containerId, protection) => policies.set(containerId, protection),
    protectUnknown: (protection) => policies.setUnknown(protection),
    forget: (containerId) => policies.forget(containerId),
    release: (containerId, timeMs) => policies.release(containerId, (timeMs - clock()) * 1e6),
    cutStreams: streams.cut,
    containerOf: (cgroupId) => index.find(cgroupId),
    sees: index.has,
    counters: events.counters,
    close: (how) => {
      copied.close();
      held.close();
      memory.close();
      return Promise.resolve(close(libbpf, { object, attached, events, pins, keep: how.keepEnforcing }));
    },
  };
}

function checkHost(kernelTypes: string): void {
  if (!existsSync(kernelTypes)) {
    throw new PlimsollError("NEED_MISSING", `this kernel has no type information: ${kernelTypes} is not there`, {
      hint: "use a kernel built with CONFIG_DEBUG_INFO_BTF, as distributions ship it",
    });
  }
  if (process.geteuid?.() === 0) return;
  throw new PlimsollError("PERMISSION_NEEDED", "only root may load programs into the kernel", {
    hint: "run the watch as root",
  });
}

function load(
  libbpf: Libbpf,
  hierarchy: Hierarchy,
  options: SensorOptions,
  pins: Pins | undefined,
): { readonly object: BpfObject; readonly lsm: Trial } {
  const types = openKernelTypes(libbpf);
  if (types === undefined) {
    throw new PlimsollError("NEED_MISSING", "the kernel's type information cannot be read", {
      hint: "use a kernel built with CONFIG_DEBUG_INFO_BTF, as distributions ship it",
    });
  }
  try {
    const lsm = tryLsm(libbpf, types);
    const choice = choosePrograms(types, lsm.works);
    const object = new BpfObject(libbpf, {
      bytes: findObject(process.arch, options.objects),
      wants: choice.wants,
      constants: encodeSettings({ hierarchy, lsm: choice.lsmBits, network: findUnified() !== undefined }),
      pins: pins?.maps ?? new Map(),
    });
    return { object, lsm };
  } finally {
    types.close();
  }
}

function openPolicies(object: BpfObject, index: ContainerIndex, options: SensorOptions): PolicyMaps {
  const maps = {
    members: object.map("members", 8, 16),
    policies: object.map("policies", 4, policyBytes),
    announced: object.map("announced", 64, 4),
    permits: object.map("permits", 24, permitBytes),
    asked: object.map("asked", 4, 8),
    protectedFiles: object.map("protected_files", 16, 1),
  };
  return createPolicyMaps(maps, index, { allReads: options.allReads ?? false });
}

function fillTables(object: BpfObject, isTrial: boolean): void {
  const names = object.map("named_files", 24, 1);
  for (const key of fileNameKeys()) names.set(key, Buffer.from([1]));
  const actions = object.map("actions", 4, 8);
  for (const [number, { native, compat }] of actionTable(process.arch, isTrial)) {
    actions.set(u32(number), Buffer.concat([u32(native), u32(compat)]));
  }
}

type Attachment = {
  readonly attached: readonly Attached[];
  readonly failed: readonly NotAttached[];
  readonly hasUnified: boolean;
};

/** Programs of control groups act on the whole of version 2, wherever containers are told apart. */
function attach(object: BpfObject): Attachment {
  const unified = findUnified();
  if (unified === undefined) return { ...object.attach(undefined), hasUnified: false };
  const fd = openSync(unified, "r");
  try {
    return { ...object.attach(fd), hasUnified: true };
  } finally {
    closeSync(fd);
  }
}

function findUnified(): string | undefined {
  try {
    return findHierarchy("2").folder;
  } catch {
    return undefined; // pure version 1
  }
}

type Judges = { readonly index: ContainerIndex; readonly policies: PolicyMaps; readonly events: Events };

function openStreams(
  object: BpfObject,
  { version, folder }: Hierarchy,
  { index, policies, events }: Judges,
): CutStreams {
  // Sockets know their group of version 2 only.
  if (version !== 2) return { cut: () => 0 };
  return createCutStreams({
    ...{ folder, isPermitted: policies.isPermitted, tell: events.tell, nowMs: () => Date.now() },
    placesOf: (containerId) =>
      index.groupsOf(containerId).flatMap((cgroupId) => {
        const place = index.find(cgroupId);
        return place === undefined ? [] : [{ cgroupId, place }];
      }),
    levelOf: (containerId) => policies.levelsOf(containerId)?.network ?? "off",
    beganOf: whoBegan(object.map("flows", flowKeyBytes, flowBytes)),
  });
}

type Opened = {
  readonly object: BpfObject;
  readonly attached: readonly Attached[];
  readonly events: Events;
  readonly pins: Pins | undefined;
  readonly keep: boolean;
};

function close(libbpf: Libbpf, { object, attached, events, pins, keep }: Opened): void {
  if (!keep) pins?.remove();
  pins?.letGo();
  for (const { link } of attached) libbpf.destroyLink(link);
  events.close();
  object.close();
}
