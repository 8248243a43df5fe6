import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:tls";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { SignJWT } from "jose";
import { joinHub } from "../../../agent/link/join.ts";
import { origin, signHeader } from "../../../shared/batch/batch.ts";
import { pack, unpack } from "../../../shared/batch/msgpack.ts";
import { systemClock } from "../../../shared/clock.ts";
import { makeCallToken } from "../../../shared/token.ts";
import { newTlsKey, pinOf, selfSigned } from "../../../shared/wire/tls.ts";
import { clientOptions, loadWire, streamToWire, timeKey } from "../../../shared/wire/wire.ts";
import { pinnedCredentials } from "../../../shared/wire/tls.ts";
import { openDoor } from "../../support/hub-door.ts";
import { batchMessage, newIdentity, RawAgent } from "../../support/raw-agent.ts";
import { spam } from "../store/samples.ts";

const denied = { code: "denied" };

test("a call is refused before anything is read: no token, and each token that is not good now", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const stranger = new RawAgent(door);
  const hub = door.keys.identity.id;
  const { id, key } = agent.identity;
  const used = await agent.token();
  const once1 = await agent.attach({ token: used });
  once1.send(agent.hello());
  await once1.message("hello");
  const none = `${Buffer.from('{"alg":"none","typ":"tip-call+jwt"}').toString("base64url")}.${used.split(".")[1]}.`;
  const longLived = await new SignJWT({})
    .setProtectedHeader({ alg: "EdDSA", typ: "tip-call+jwt" })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(hub)
    .setIssuedAt()
    .setExpirationTime("10y")
    .setJti("x")
    .sign(key);
  const cases: [string, string | undefined, RegExp][] = [
    ["no token", undefined, /carries no token/],
    ["wrong audience", await makeCallToken(key, id, "ab".repeat(32), Date.now()), /another hub/],
    ["expired", await makeCallToken(key, id, hub, Date.now() - 600_000), /expired|iat/],
    ["of the future", await makeCallToken(key, id, hub, Date.now() + 600_000), /iat/],
    ["replayed jti", used, /used before/],
    ["alg none", none, /EdDSA|malformed/],
    ["unknown agent", await stranger.token(), /unknown here/],
    ["too long a life", longLived, /longer than 300/],
    ["no JWT", "hello", /no agent's JWT/],
  ];
  for (const [what, token, reason] of cases) {
    const call = await agent.attach({ token });
    call.send(agent.hello());
    const error = await call.ended;
    assert.equal(error?.code, status.UNAUTHENTICATED, what);
    assert.match(error.details, reason, what);
    const told = Number(error.metadata.get(timeKey)[0]);
    assert.ok(Math.abs(told - Date.now()) < 60_000, `${what}: the refusal carries the hub's time`);
  }
  assert.equal(await door.counted(), 0);
  once1.close();
});

test("a revoked agent is refused, and its open stream ends in 5 seconds", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const call = await agent.pulled();
  const begun = performance.now();
  await door.store.roster.revoke(agent.identity.id, Date.now());
  const error = await call.ended;
  assert.equal(error?.code, status.PERMISSION_DENIED);
  assert.ok(performance.now() - begun < 5000);
  const again = await (await agent.attach()).ended;
  assert.equal(again?.code, status.PERMISSION_DENIED);
  assert.match(again.details, /revoked/);
});

test("what a batch must not be ends the stream with its reason, and nothing of it is stored", async (t) => {
  const door = await openDoor(t);
  const forger = new RawAgent(door);
  const bad: [string, (agent: RawAgent) => Promise<ReturnType<typeof batchMessage>>, RegExp][] = [
    [
      "forged signature",
      async (agent) => {
        const sealed = await agent.seal([spam("a")]);
        return batchMessage({ ...sealed, signature: signHeader(sealed.header, forger.identity.key) });
      },
      /signature/,
    ],
    [
      "another agent's stream",
      async (agent) => {
        const sealed = await agent.seal([spam("a")]);
        const header = pack({ ...(unpack(sealed.header) as object), agent: Buffer.from(forger.identity.id, "hex") });
        return batchMessage({ ...sealed, header, signature: signHeader(header, agent.identity.key) });
      },
      /another agent/,
    ],
    [
      "version gap",
      async (agent) => batchMessage(await agent.seal([spam("a")], { version: 4, hash: Buffer.alloc(32) })),
      /version 5 came, 1 was due/,
    ],
    [
      "changed section",
      async (agent) => {
        const sealed = await agent.seal([spam("a")]);
        const other = await agent.seal([spam("b")], origin);
        return batchMessage({ ...sealed, sections: other.sections });
      },
      /not those that were signed/,
    ],
    [
      "header of depth 17",
      async (agent) => {
        const header = Buffer.concat([Buffer.alloc(17, 0x91), Buffer.from([0xc0])]);
        return batchMessage({ header, signature: signHeader(header, agent.identity.key), sections: [] });
      },
      /deeper than/,
    ],
    [
      "header with an extension",
      async (agent) => {
        const header = Buffer.from([0xd4, 0x00, 0x00]);
        return batchMessage({ header, signature: signHeader(header, agent.identity.key), sections: [] });
      },
      /extensions/,
    ],
    [
      "message of 3 MB",
      async (agent) => {
        const sealed = await agent.seal([spam("a")]);
        return {
          batch: {
            header: sealed.header,
            signature: sealed.signature,
            sections: [{ tlp: "TLP_GREEN", codec: "CODEC_BROTLI", body: Buffer.alloc(3 << 20) }],
          },
        };
      },
      /larger than max/,
    ],
    [
      "no section",
      async (agent) => batchMessage({ ...(await agent.seal([spam("a")])), sections: [] }),
      /no GREEN section/,
    ],
  ];
  for (const [what, make, reason] of bad) {
    const agent = await RawAgent.joined(door, what);
    const call = await agent.pulled();
    call.send(await make(agent));
    const error = await call.ended;
    assert.ok(error, what);
    assert.match(error.details, reason, what);
  }
  assert.equal(await door.counted(), 0);
});

test("a broken chain halts that stream alone, keeps the proof, and is told to the agent", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const call = await agent.pulled();
  call.send(batchMessage(await agent.seal([spam("a")])));
  await call.message("ack");
  call.send(batchMessage(await agent.seal([spam("b")], { version: 1, hash: Buffer.alloc(32, 7) })));
  const { halt } = await call.message("halt");
  assert.match(halt?.reason ?? "", /does not follow/);
  assert.equal(halt?.proof.length, 2);
  const [stream] = await door.store.streams.streams(agent.identity.id);
  assert.match(stream?.halted?.reason ?? "", /does not follow/);
  assert.equal(await door.counted(), 1);
  const bystander = await RawAgent.joined(door, "other");
  const other = await bystander.pulled();
  other.send(batchMessage(await bystander.seal([spam("c")])));
  await other.message("ack");
  assert.equal(await door.counted(), 2);
  call.close();
  other.close();
});

test("two batches signed for one version halt the stream", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const call = await agent.pulled();
  const first = await agent.seal([spam("a")]);
  call.send(batchMessage(first));
  await call.message("ack");
  call.send(batchMessage(first));
  await call.message("ack");
  call.send(batchMessage(await agent.seal([spam("b")], origin)));
  const { halt } = await call.message("halt");
  assert.match(halt?.reason ?? "", /two versions 1/);
  assert.equal(await door.counted(), 1);
  call.close();
});

test("more batches than the hub gave credit for, and a flood of messages, end the call", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const call = await agent.attach();
  call.send(agent.hello());
  call.send(batchMessage(await agent.seal([spam("a")])));
  assert.equal((await call.ended)?.code, status.RESOURCE_EXHAUSTED);
  const flood = await agent.pulled();
  for (let i = 0; i < 200; i++)
    flood.send({
      head: { stream: { ...streamToWire(agent.stream), incarnation: randomBytes(16) }, version: 0, floor: 0 },
    });
  assert.equal((await flood.ended)?.code, status.RESOURCE_EXHAUSTED);
  assert.ok((await door.store.streams.streams(agent.identity.id)).length < 5);
  assert.equal(await door.counted(), 0);
});

test("a protocol without overlap is refused, naming the side to upgrade", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const call = await agent.attach();
  call.send({ hello: { release: "9", protocolMin: 7, protocolMax: 9, tlp: "TLP_AMBER" } });
  assert.match((await call.ended)?.details ?? "", /upgrade the hub/);
});

test("joining: the same key may repeat it, another key, an expired or unknown secret may not", async (t) => {
  const door = await openDoor(t);
  const token = await door.invite("mx1");
  const first = newIdentity();
  const joined = await joinHub(token, first, "amber", systemClock);
  assert.equal(joined.name, "mx1");
  assert.deepEqual(
    { ...(await joinHub(token, first, "amber", systemClock)), joinedAt: "" },
    { ...joined, joinedAt: "" },
  );
  await assert.rejects(joinHub(token, newIdentity(), "amber", systemClock), {
    ...denied,
    message: /used by another agent/,
  });
  await assert.rejects(joinHub(await door.invite("late", { life: -1 }), newIdentity(), "amber", systemClock), {
    ...denied,
    message: /expired/,
  });
  const forged =
    token.slice(0, 11) +
    Buffer.from(
      JSON.stringify({
        ...(JSON.parse(Buffer.from(token.slice(11), "base64url").toString()) as object),
        secret: "A".repeat(43),
      }),
    ).toString("base64url");
  await assert.rejects(joinHub(forged, newIdentity(), "amber", systemClock), { ...denied, message: /not known/ });
  assert.equal((await door.store.roster.agents()).length, 1);
});

test("an enrolment that another key signed, or that is malformed, is refused", async (t) => {
  const door = await openDoor(t);
  const wire = loadWire();
  const client = new wire.Link(door.address, await pinnedCredentials(door.address, door.keys.pin), clientOptions);
  t.after(() => client.close());
  const enroll = (request: object) =>
    new Promise<number | undefined>((resolve) => client.enroll(request, (error) => resolve(error?.code)));
  assert.equal(await enroll({}), status.INVALID_ARGUMENT);
  assert.equal(
    await enroll({ secret: Buffer.alloc(32), publicKey: Buffer.alloc(32, 1), signature: Buffer.alloc(64) }),
    status.INVALID_ARGUMENT,
  );
});

test("a TLS key that is not the pinned one is refused before anything is sent", async (t) => {
  const key = newTlsKey();
  const received: Buffer[] = [];
  const impostor = createTlsServer(
    {
      key: key.export({ type: "pkcs8", format: "pem" }),
      cert: selfSigned("tip-hub", key, Date.now()),
      ALPNProtocols: ["h2"],
    },
    (socket) => socket.on("data", (data: Buffer) => received.push(data)).on("error", () => undefined),
  );
  impostor.listen(0, "127.0.0.1");
  await once(impostor, "listening");
  t.after(() => impostor.close());
  const { port } = impostor.address() as { port: number };
  const door = await openDoor(t);
  const token = await door.invite("mx", { address: `127.0.0.1:${port}` });
  await assert.rejects(joinHub(token, newIdentity(), "amber", systemClock), {
    ...denied,
    message: /not the one that the join token pins/,
  });
  assert.equal(received.length, 0);
  assert.notEqual(pinOf(key), door.keys.pin);
});

test("Attach ends in order after its life, and the agent may come again", async (t) => {
  const door = await openDoor(t, { attachLife: 300 });
  const agent = await RawAgent.joined(door);
  const call = await agent.pulled();
  assert.equal(await call.ended, undefined);
  const again = await agent.pulled();
  again.close();
});

test("a head that no number can hold is refused, and the roster stays readable", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  for (const version of [2 ** 53, 2 ** 63]) {
    const call = await agent.attach();
    call.send(agent.hello());
    call.send(agent.head({ version, hash: Buffer.alloc(32) }));
    assert.match((await call.ended)?.details ?? "", /head is malformed/);
  }
  assert.deepEqual(await door.store.streams.streams(agent.identity.id), []);
});

test("one agent cannot fill the roster with streams, nor hold many calls, nor call without pause", async (t) => {
  const door = await openDoor(t);
  const agent = await RawAgent.joined(door);
  const calls = [];
  for (let i = 0; i < 4; i++) calls.push(await agent.pulled());
  assert.equal((await calls[0]?.ended)?.code, status.ABORTED, "the oldest gives way");
  for (const call of calls) call.close();
  const outcomes = [];
  for (let i = 0; i < 20; i++) {
    const call = await agent.attach();
    call.send(agent.hello());
    outcomes.push(
      await Promise.race([call.message("hello").then(() => "in"), call.ended.then((error) => error?.code)]),
    );
    call.close();
  }
  assert.ok(outcomes.includes(status.RESOURCE_EXHAUSTED), String(outcomes));
});

test("whoever guesses a join token's secret costs the hub no write", async (t) => {
  const door = await openDoor(t);
  const token = await door.invite("mx");
  const agent = newIdentity();
  const guess =
    token.slice(0, 11) +
    Buffer.from(
      JSON.stringify({
        ...(JSON.parse(Buffer.from(token.slice(11), "base64url").toString()) as object),
        secret: "B".repeat(43),
      }),
    ).toString("base64url");
  await assert.rejects(joinHub(guess, agent, "amber", systemClock), denied);
  assert.match(await door.metrics.text(), /tip_intake_unknown_secrets_total 1/);
});
