import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { faultOf, joinParts, leafOf, partOf } from "../../../shared/batch/leaf.ts";
import { pack, unpack } from "../../../shared/batch/msgpack.ts";
import type { Observation } from "../../../shared/observation.ts";
import { anyObservation } from "../../support/arbitrary-observation.ts";

const travelled = (observation: Observation, tlp: "green" | "amber"): Partial<Observation> =>
  partOf(unpack(pack(leafOf(observation, tlp))), tlp);

/** What an observation looks like after it travelled: empty objects tell nothing and are left out. */
const told = (observation: Observation): unknown =>
  Object.fromEntries(
    Object.entries(observation).filter(
      ([, value]) => !(typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0),
    ),
  );

test("what GREEN and AMBER tell together is the observation, whatever stands in it", () => {
  fc.assert(
    fc.property(anyObservation, (observation) => {
      const joined = observationOf(travelled(observation, "green"), travelled(observation, "amber"));
      assert.ok("observation" in joined, "fault" in joined ? joined.fault : "");
      assert.deepEqual(joined.observation, told(observation));
    }),
  );
});

test("GREEN alone is an observation, and tells none of what is AMBER", () => {
  fc.assert(
    fc.property(anyObservation, (observation) => {
      const green = travelled(observation, "green");
      const alone = observationOf(green);
      assert.ok("observation" in alone);
      const { envelope, from, subject, messageId, urls, emails, attachments, mailer, replyTo } = alone.observation;
      assert.deepEqual(
        { envelope, from, subject, messageId, urls, emails, attachments, mailer, replyTo },
        {
          envelope: undefined,
          from: undefined,
          subject: undefined,
          messageId: undefined,
          urls: undefined,
          emails: undefined,
          attachments: undefined,
          mailer: undefined,
          replyTo: undefined,
        },
      );
      assert.equal(alone.observation.source?.hop, undefined);
      assert.equal(Date.parse(alone.observation.receivedAt) % 300_000, 0);
      assert.equal(Date.parse(alone.observation.observedAt) % 300_000, 0);
      assert.equal(alone.observation.size % 1000, 0);
    }),
  );
});

test("a leaf that is anything at all gives a fault in words, or an observation, and never a throw", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (one, other) => {
      for (const outcome of [
        observationOf(partOf(one, "green")),
        observationOf(partOf(one, "green"), partOf(other, "amber")),
      ])
        assert.ok("fault" in outcome || outcome.observation.id.length === 64);
    }),
  );
});

test("an AMBER leaf cannot change what GREEN says of id, source or domains", () => {
  fc.assert(
    fc.property(anyObservation, anyObservation, (one, other) => {
      const forged = partOf(unpack(pack({ ...leafOf(other, "green"), ...leafOf(other, "amber") })), "amber");
      const whole = observationOf(travelled(one, "green"), forged);
      assert.ok("observation" in whole);
      assert.equal(whole.observation.id, one.id);
      assert.deepEqual(whole.observation.domains, one.domains);
      assert.equal(whole.observation.source?.ip, one.source?.ip);
    }),
  );
});

/** As the hub does: each part by itself, then both as one. */
function observationOf(
  green: Partial<Observation>,
  amber?: Partial<Observation>,
): { observation: Observation } | { fault: string } {
  const fault = faultOf(green, "green") ?? (amber && faultOf(amber, "amber"));
  return fault === undefined ? { observation: joinParts(green as Observation, amber) } : { fault };
}
