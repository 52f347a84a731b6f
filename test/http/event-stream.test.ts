/** A pulled stream: one page at a time, comments in silence, and nothing left when it is over. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type EventPage, EventStream } from "../../src/http/event-stream.ts";

/** A source that the test fills; it counts the pages that were made and who listens. */
function sourceOf(pages: EventPage[] = []) {
  const listeners = new Set<() => void>();
  const counts = { made: 0 };
  return {
    counts,
    listeners,
    add(...more: readonly EventPage[]): void {
      pages.push(...more);
      for (const listener of listeners) listener();
    },
    next(): EventPage {
      counts.made++;
      return pages.shift() ?? { text: "", hasMore: false };
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function streaming(source: ReturnType<typeof sourceOf>, commentMs = 60_000) {
  const abort = new AbortController();
  const ends = { count: 0 };
  const stream = new EventStream(source, abort.signal, () => void ends.count++, commentMs);
  const reader = stream.body.getReader();
  const decoder = new TextDecoder();
  const read = async (): Promise<string | undefined> => {
    const { done, value } = await reader.read();
    return done ? undefined : decoder.decode(value);
  };
  return { stream, reader, read, abort, ends };
}

const page = (text: string, hasMore = false): EventPage => ({ text, hasMore });

describe("a stream", () => {
  test("says first when to come back, then what there is, then what comes", async () => {
    const source = sourceOf([page("one", true), page("two")]);
    const { read } = streaming(source);
    expect([await read(), await read(), await read()]).toEqual(["retry: 1000\n\n", "one", "two"]);
    const next = read();
    source.add(page("three"));
    expect(await next).toBe("three");
  });

  test("passes over pages without events for this reader, up to the last of them", async () => {
    const source = sourceOf([page("", true), page("", true), page("mine"), page("later")]);
    const { read } = streaming(source);
    await read();
    expect(await read()).toBe("mine");
    expect(source.counts.made).toBe(3);
    const next = read();
    source.add();
    expect(await next).toBe("later");
  });

  test("makes no page for a reader who does not read", async () => {
    const source = sourceOf(Array.from({ length: 1_000 }, (_, at) => page(`page ${at}`, true)));
    const { read, stream } = streaming(source);
    await Bun.sleep(20);
    expect(source.counts.made).toBeLessThanOrEqual(1);
    await read();
    expect(await read()).toBe("page 0");
    await Bun.sleep(20);
    expect(source.counts.made).toBeLessThanOrEqual(3);
    stream.end();
  });

  test("comments in silence, and an event is not held back by it", async () => {
    const source = sourceOf();
    const { read, stream } = streaming(source, 5);
    await read();
    expect([await read(), await read()]).toEqual([": here\n\n", ": here\n\n"]);
    source.add(page("event"));
    const heard = [await read(), await read()];
    expect(heard).toContain("event");
    stream.end();
  });
});

describe("a stream is over", () => {
  const endings = {
    "when it is ended": ({ stream }: ReturnType<typeof streaming>) => stream.end(),
    "when the request is gone": ({ abort }: ReturnType<typeof streaming>) => abort.abort(),
    "when the reader is gone": ({ reader }: ReturnType<typeof streaming>) => reader.cancel(),
  };
  for (const [name, end] of Object.entries(endings)) {
    test(`${name}, once, and leaves nobody listening`, async () => {
      const source = sourceOf([page("one")]);
      const given = streaming(source, 1);
      await given.read();
      expect(source.listeners.size).toBe(1);
      await end(given);
      given.stream.end();
      expect([source.listeners.size, given.ends.count]).toEqual([0, 1]);
      while ((await given.read()) !== undefined);
      const { made } = source.counts;
      source.add(page("too late"));
      await Bun.sleep(10);
      expect(source.counts.made).toBe(made);
    });
  }

  test("when a page cannot be made, and tells what it was", async () => {
    const source = sourceOf();
    const fault = new Error("the disk");
    const faults: unknown[] = [];
    const stream = new EventStream(
      {
        ...source,
        next: () => {
          throw fault;
        },
      },
      new AbortController().signal,
      (_, why) => void faults.push(why),
    );
    expect(await new Response(stream.body).text()).toBe("retry: 1000\n\n");
    expect([source.listeners.size, faults]).toEqual([0, [fault]]);
  });

  test("before it began, when the request was gone already", () => {
    const abort = new AbortController();
    abort.abort();
    const source = sourceOf();
    let ends = 0;
    const stream = new EventStream(source, abort.signal, () => void ends++);
    expect([source.listeners.size, ends]).toEqual([0, 1]);
    expect(stream.body).toBeInstanceOf(ReadableStream);
  });
});

test("a stream that is over keeps no process from ending", async () => {
  const file = join(import.meta.dir, "../../src/http/event-stream.ts");
  const program = `
    import { EventStream } from ${JSON.stringify(file)};
    const source = { next: () => ({ text: "", hasMore: false }), subscribe: () => () => {} };
    new EventStream(source, new AbortController().signal, () => {}).end();`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", 2, 2] });
  const tooLong = setTimeout(() => child.kill("SIGKILL"), 4_000);
  expect(await child.exited).toBe(0);
  clearTimeout(tooLong);
});
