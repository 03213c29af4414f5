// An engine on a slow machine: dockerd gives containerd 15 seconds, whatever else goes on, so it is asked again.

import { type EngineOptions, startEngine, type TestEngine } from "../engine.ts";

export async function startPatientEngine(options: EngineOptions = {}, tries = 4): Promise<TestEngine> {
  try {
    return await startEngine({ startTimeoutMs: 180_000, ...options });
  } catch (error) {
    if (tries <= 1) throw error;
    return await startPatientEngine(options, tries - 1);
  }
}
