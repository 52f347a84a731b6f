/** How the stalling server stalls. */
export const EVERY_MS = 2_000;
export const STALL_MS = 200;
