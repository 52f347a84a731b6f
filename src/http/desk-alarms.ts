/** The desk's list of alarms. */
import { createRoute, z } from "@hono/zod-openapi";
import { ALARMS, type AlarmKind } from "./alarms.ts";
import { type Api, answers, on } from "./api.ts";
import { operatorCaller } from "./auth.ts";
import type { Services } from "./services.ts";
import { listOf, toList, toTime } from "./shapes.ts";

const Alarm = z
  .object({
    alarm: z.enum(Object.keys(ALARMS) as [AlarmKind, ...AlarmKind[]]),
    since: z.iso.datetime().nullable(),
    meaning: z.string(),
  })
  .openapi("Alarm");

const alarmsRoute = createRoute({
  method: "get",
  path: "/v1/desk/alarms",
  tags: ["desk"],
  summary: "What somebody must look at",
  security: [{ key: [] }],
  responses: { 200: answers("Empty when all is well", listOf(Alarm)) },
});

export function addAlarms(api: Api, services: Services): void {
  on(api, alarmsRoute, (c) => {
    operatorCaller(services, c);
    const data = services.alarms.list().map(({ kind, sinceMs }) => ({
      alarm: kind,
      since: sinceMs === undefined ? null : toTime(sinceMs),
      meaning: ALARMS[kind],
    }));
    return c.json(toList(data, false));
  });
}
