import { expect, test } from "bun:test";
import {
  cpuMicrosIn,
  cpuMicrosOf,
  familyCpuMicrosOf,
  residentBytesOf,
} from "../../bench/process-figures.ts";

const onLinux = test.skipIf(process.platform !== "linux");

test("processor time is read past a name with blanks and parentheses", () => {
  // proc(5): pid (name) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime
  const stat = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0 11 0";
  expect(cpuMicrosIn(stat)).toBe(1_500_000);
});

onLinux("a process knows its own figures as the system does", () => {
  const own = process.cpuUsage();
  const told = cpuMicrosOf(process.pid) ?? 0;
  // The system counts in hundredths of a second, a tick for user and one for system time.
  expect(Math.abs(told - own.user - own.system)).toBeLessThan(100_000);
  const resident = residentBytesOf(process.pid) ?? 0;
  expect(resident).toBeGreaterThan(10e6);
  expect(Math.abs(resident / process.memoryUsage.rss() - 1)).toBeLessThan(0.5);
});

onLinux(
  "a family's time holds that of children who run and who have ended",
  async () => {
    // So much of the processor, however little of it others leave.
    const busy = "while (process.cpuUsage().user < 400_000);";
    const before = familyCpuMicrosOf(process.pid) ?? 0;
    const own = cpuMicrosOf(process.pid) ?? 0;
    const child = Bun.spawn([process.execPath, "-e", `${busy} setTimeout(() => {}, 60_000)`], {
      stdout: "ignore",
    });
    const gained = (): number =>
      (familyCpuMicrosOf(process.pid) ?? 0) - before - ((cpuMicrosOf(process.pid) ?? 0) - own);
    const deadlineMs = performance.now() + 20_000;
    let told = gained();
    while (told < 300_000 && performance.now() < deadlineMs) {
      await Bun.sleep(20);
      told = gained();
    }
    // The one figure: a moment later it may be less, for the same reason as below.
    expect(told).toBeGreaterThanOrEqual(300_000);
    child.kill("SIGKILL");
    await child.exited;
    // Less by a tick or two: the system rounds each figure by itself.
    expect(gained()).toBeGreaterThan(200_000);
  },
  30_000,
);

onLinux("nothing is told of a process that has ended", async () => {
  const child = Bun.spawn([process.execPath, "-e", ""]);
  await child.exited;
  expect(cpuMicrosOf(child.pid)).toBeUndefined();
  expect(familyCpuMicrosOf(child.pid)).toBeUndefined();
  expect(residentBytesOf(child.pid)).toBeUndefined();
});
