// One standard document made of a scan's result. Pure: the result in, text out, in pieces so that a large one never lies in memory twice.

import type { Plugin } from "../base/plugin.ts";
import type { ScanResult } from "../model/scan.ts";

export type RenderOptions = {
  /** Escape sequences for colour may be used. */
  readonly hasColour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Show which layer and which line of the Dockerfile brought each finding in. */
  readonly showLayers: boolean;
};

export interface Format extends Plugin {
  /** What `--output FILE` usually ends in, `.json`. */
  readonly extension: string;
  render(result: ScanResult, options: RenderOptions): Iterable<string>;
}
