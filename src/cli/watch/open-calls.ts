// System calls are counted where the kernel lets us, and where not the proposal says so: everything else is learnt all the same.

import { PlimsollError } from "../../base/errors.ts";
import { knownCapabilities } from "../../harden/capabilities.ts";
import { createContainerIndex } from "../../watch/containers/container-index.ts";
import { findHierarchy } from "../../watch/containers/hierarchy.ts";
import {
  type CallRecorder,
  canRecordCalls,
  openCallRecorder,
  type RecordedCalls,
} from "../../watch/learn/call-recorder.ts";

export interface OpenedCalls extends Disposable {
  /** @returns undefined when they were not counted */
  read(cgroupIds: readonly number[]): RecordedCalls | undefined;
}

/** @param running ids of containers that run already */
export function openCalls(running: readonly string[]): OpenedCalls {
  const recorder = tryOpen();
  if (recorder === undefined) return { read: () => undefined, [Symbol.dispose]: () => undefined };
  const index = createContainerIndex(findHierarchy());
  index.readTree();
  const known = running.flatMap((id) => index.groupsOf(id));
  recorder.begin(known);
  return {
    read: (cgroupIds) => recorder.read([...new Set([...known, ...cgroupIds])]),
    [Symbol.dispose]: () => recorder.close(),
  };
}

function tryOpen(): CallRecorder | undefined {
  try {
    return canRecordCalls() ? openCallRecorder(knownCapabilities) : undefined;
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}
