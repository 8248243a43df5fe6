import { fileURLToPath } from "node:url";
import { loadPackageDefinition, logVerbosity, setLogVerbosity, type ChannelOptions } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { SealedBatch, StreamKey } from "../batch/batch.ts";
import { Failure } from "../failure.ts";
import type { Tlp } from "../observation.ts";
import type { ProtoGrpcType } from "./gen/link.ts";
import type { Batch, Batch__Output } from "./gen/tip/v1/Batch.ts";
import type { StreamId__Output } from "./gen/tip/v1/StreamId.ts";

// What the library would print beside our own errors is in them.
setLogVerbosity(logVerbosity.NONE);

/** Protocols that this release speaks; a peer without overlap is refused, naming the side to upgrade. */
export const protocol = { min: 1, max: 1 } as const;

/** Limits on both ends: grpc-js has none by default. */
export const maxMessage = 2 << 20;
const common: ChannelOptions = {
  "grpc.max_receive_message_length": maxMessage,
  "grpc.max_send_message_length": maxMessage,
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
};
export const serverOptions: ChannelOptions = {
  ...common,
  "grpc.max_concurrent_streams": 100,
  "grpc.max_connection_age_ms": 2 * 3_600_000,
  "grpc.max_connection_age_grace_ms": 60_000,
  "grpc.max_connection_idle_ms": 300_000,
};
export const clientOptions: ChannelOptions = {
  ...common,
  "grpc-node.flow_control_window": 8 << 20,
  // The certificate is known by its pin; the name only has to be one, whatever the address is.
  "grpc.ssl_target_name_override": "tip-hub",
  "grpc.enable_retries": 0,
  // The link decides when to try again; the channel must not sit in a backoff of its own.
  "grpc.initial_reconnect_backoff_ms": 100,
};

/** The metadata key under which a refusal carries the hub's clock, in milliseconds. */
export const timeKey = "tip-time";

/** The Link service as proto/tip/v1 says it; dist/ carries its own copy of proto/ at the same relative place. */
export function loadWire(): ProtoGrpcType["tip"]["v1"] {
  const definition = loadSync("tip/v1/link.proto", {
    includeDirs: [fileURLToPath(new URL("../../proto/", import.meta.url))],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return (loadPackageDefinition(definition) as unknown as ProtoGrpcType).tip.v1;
}

const tlpNames = { green: "TLP_GREEN", amber: "TLP_AMBER" } as const;
export const tlpToWire = (tlp: Tlp): "TLP_GREEN" | "TLP_AMBER" => tlpNames[tlp];
export function tlpFromWire(name: string): Tlp {
  if (name === "TLP_GREEN") return "green";
  if (name === "TLP_AMBER") return "amber";
  throw new Failure("invalid", "a TLP that is neither GREEN nor AMBER");
}
/** The sections that a ceiling lets through. */
export const sectionsUpTo = (tlp: Tlp): Tlp[] => (tlp === "green" ? ["green"] : ["green", "amber"]);

export const streamToWire = (stream: StreamKey): { agent: Buffer; incarnation: Buffer } => ({
  agent: Buffer.from(stream.agent, "hex"),
  incarnation: Buffer.from(stream.incarnation, "hex"),
});
export function streamFromWire(id: StreamId__Output | null): StreamKey {
  if (!id || id.agent.length !== 32 || id.incarnation.length !== 16)
    throw new Failure("invalid", "a message without a stream");
  return { agent: id.agent.toString("hex"), incarnation: id.incarnation.toString("hex") };
}

export const batchToWire = (batch: SealedBatch, sections: readonly Tlp[]): Batch => ({
  header: batch.header,
  signature: batch.signature,
  sections: batch.sections
    .filter((section) => sections.includes(section.tlp))
    .map(({ tlp, body }) => ({ tlp: tlpToWire(tlp), codec: "CODEC_BROTLI", body })),
});
export const batchFromWire = (batch: Batch__Output): SealedBatch => ({
  header: batch.header,
  signature: batch.signature,
  sections: batch.sections.map(({ tlp, codec, body }) => {
    if (codec !== "CODEC_BROTLI")
      throw new Failure("invalid", "a section in a codec that is unknown here; upgrade this side");
    return { tlp: tlpFromWire(tlp), body };
  }),
});

/** What an enrolling agent signs with its new key: that hub, that secret. */
export const enrolmentStatement = (hub: string, secretHash: Buffer): Buffer =>
  Buffer.concat([Buffer.from("TIP-enroll-1\0"), Buffer.from(hub, "hex"), secretHash]);
