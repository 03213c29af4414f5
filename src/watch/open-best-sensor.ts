// The best sensor that this host lets us have: probes in the kernel, and where none can be loaded, what the kernel tells of
// processes to everybody with the right to ask.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { Sensor } from "../model/watch.ts";
import { openSensor, type SensorOptions } from "./open-sensor.ts";
import { openProcessEvents } from "./process-events/open-process-events.ts";

/**
 * @param notice hears why it is not the first
 * @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED when there is no sensor at all; DIGEST_MISMATCH: probes that were
 * changed are no reason to look less closely
 */
export async function openBestSensor(options: SensorOptions, notice: (text: string) => void): Promise<Sensor> {
  try {
    return await openSensor(options);
  } catch (thrown) {
    if (!isOfHost(thrown)) throw thrown;
    const sensor = await instead(thrown, options);
    notice(`only processes are told, and nothing is stopped: ${thrown.message}`);
    return sensor;
  }
}

function isOfHost(thrown: unknown): thrown is PlimsollError {
  return thrown instanceof PlimsollError && (thrown.code === "NEED_MISSING" || thrown.code === "PERMISSION_NEEDED");
}

async function instead(why: PlimsollError, { unknown, hierarchy }: SensorOptions): Promise<Sensor> {
  try {
    return await openProcessEvents({
      ...{ reason: why.message, remedy: why.hint },
      ...(unknown === undefined ? {} : { unknown }),
      ...(hierarchy === undefined ? {} : { hierarchy }),
    });
  } catch (alsoThrown) {
    throw new PlimsollError(why.code, `${why.message}; nor is anything told of processes: ${errorText(alsoThrown)}`, {
      hint: why.hint,
      cause: alsoThrown,
    });
  }
}
