// Numbers of errors as people look them up. Source: errno(3).

import { getSystemErrorName } from "node:util";

/** @param errno with or without its sign @returns `EPERM` */
export function errnoName(errno: number): string {
  return getSystemErrorName(-Math.abs(errno));
}
