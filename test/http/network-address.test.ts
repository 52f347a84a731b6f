/** Where a call comes from: what the connection says, or the proxy that wrote it down. */
import { expect, test } from "bun:test";
import { callerAddress } from "../../src/http/network-address.ts";

test.each([
  ["192.0.2.7", null, false, "192.0.2.7"],
  // What a caller writes into the header is nothing without a proxy.
  ["192.0.2.7", "203.0.113.9", false, "192.0.2.7"],
  ["10.0.0.1", "203.0.113.9", true, "203.0.113.9"],
  // The proxy adds the last one; those before it are what the caller claimed.
  ["10.0.0.1", "1.1.1.1, 203.0.113.9", true, "203.0.113.9"],
  ["10.0.0.1", "2001:db8::17", true, "2001:db8::17"],
  ["10.0.0.1", null, true, undefined],
  ["10.0.0.1", "a line\nof text", true, undefined],
  [undefined, null, false, undefined],
  ["", null, false, undefined],
])("%p with %p, proxy %p: %p", (direct, forwarded, isBehindProxy, address) => {
  expect(callerAddress(direct, forwarded, isBehindProxy)).toBe(address);
});
