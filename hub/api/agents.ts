import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Static } from "typebox";
import type { Agent, Store, StreamState } from "../store/contract.ts";
import { Count, pageOf, ref, replies, time } from "./schema.ts";
import { iso } from "./when.ts";

const Stream = Type.Object({
  incarnation: Type.String({ description: "Which ledger of the agent this is" }),
  version: Count("Newest version that is durable at the hub"),
  head: Count("Newest version that the agent has"),
  lag: Count("Versions that the hub has still to pull"),
  floor: Count("Versions up to this one can no longer be pulled"),
  halted: Type.Optional(Type.Object({ at: time("When it was halted"), reason: Type.String() })),
});

const Health = Type.Object(
  {
    backlog: Count("Mails seen, not yet in the ledger"),
    observations: Count("Observations in the ledger"),
    defects: Count("Defects found in mails"),
    refused: Count("Directory entries refused"),
    redactions: Count("Traces of the trap taken out"),
    freeBytes: Count("Free space beside the ledger"),
    lastError: Type.String({ description: "Empty when there is none" }),
  },
  { description: "As the agent last told" },
);

export const AgentItem = Type.Object(
  {
    id: Type.String({ description: "SHA-256 of its first public key, hex" }),
    name: Type.String(),
    operator: Type.String({ description: "The organisation behind it: one voice, however many agents" }),
    role: Type.Enum(["agent", "partner"]),
    release: Type.String(),
    joinedAt: time("When it joined"),
    revokedAt: Type.Optional(time("When it was revoked")),
    lastSeen: Type.Optional(time("When the hub last heard of it")),
    observations: Count("Observations that it gave"),
    health: Type.Optional(Health),
    streams: Type.Array(Stream),
  },
  { $id: "Agent" },
);
export type AgentItem = Static<typeof AgentItem>;

const page = replies(pageOf(ref("Agent")), "All agents, in the order they joined");

export function agentRoutes(scope: FastifyInstance, store: Pick<Store, "roster" | "streams" | "observations">): void {
  scope.get(
    "/agents",
    {
      schema: {
        operationId: "listAgents",
        tags: ["agents"],
        summary: "Who reads traps for this hub, and how far their streams have come",
        querystring: Type.Object({}, { additionalProperties: false }),
        response: page,
      },
    },
    async () => {
      const [agents, streams, counts] = await Promise.all([
        store.roster.agents(),
        store.streams.streams(),
        store.observations.counts(),
      ]);
      const items = agents.map((agent) => {
        const own = streams.filter((stream) => stream.agent === agent.id);
        return itemOf(agent, own, counts.get(agent.id) ?? 0);
      });
      return { items: items.toSorted((a, b) => a.joinedAt.localeCompare(b.joinedAt)) };
    },
  );
}

function itemOf(agent: Agent, streams: readonly StreamState[], observations: number): AgentItem {
  const { id, name, operator, role, release, health } = agent;
  return {
    id,
    name,
    operator,
    role,
    release,
    joinedAt: iso(agent.joinedAt),
    ...(agent.revokedAt !== undefined && { revokedAt: iso(agent.revokedAt) }),
    ...(agent.lastSeen !== undefined && { lastSeen: iso(agent.lastSeen) }),
    observations,
    ...(health && { health }),
    streams: streams.toSorted((a, b) => a.openedAt - b.openedAt).map(streamOf),
  };
}

const streamOf = ({ incarnation, cursor, head, floor, halted }: StreamState): AgentItem["streams"][number] => ({
  incarnation,
  version: cursor.version,
  head,
  // A rolled back agent may tell of a head below what the hub holds: that is a halt, not a negative lag.
  lag: Math.max(0, head - cursor.version),
  floor,
  ...(halted && { halted: { at: iso(halted.at), reason: halted.reason } }),
});
