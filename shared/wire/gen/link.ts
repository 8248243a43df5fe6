import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Ack as _tip_v1_Ack, Ack__Output as _tip_v1_Ack__Output } from './tip/v1/Ack.ts';
import type { AgentHello as _tip_v1_AgentHello, AgentHello__Output as _tip_v1_AgentHello__Output } from './tip/v1/AgentHello.ts';
import type { AgentMessage as _tip_v1_AgentMessage, AgentMessage__Output as _tip_v1_AgentMessage__Output } from './tip/v1/AgentMessage.ts';
import type { Batch as _tip_v1_Batch, Batch__Output as _tip_v1_Batch__Output } from './tip/v1/Batch.ts';
import type { EnrollReply as _tip_v1_EnrollReply, EnrollReply__Output as _tip_v1_EnrollReply__Output } from './tip/v1/EnrollReply.ts';
import type { EnrollRequest as _tip_v1_EnrollRequest, EnrollRequest__Output as _tip_v1_EnrollRequest__Output } from './tip/v1/EnrollRequest.ts';
import type { Gap as _tip_v1_Gap, Gap__Output as _tip_v1_Gap__Output } from './tip/v1/Gap.ts';
import type { Halt as _tip_v1_Halt, Halt__Output as _tip_v1_Halt__Output } from './tip/v1/Halt.ts';
import type { Halted as _tip_v1_Halted, Halted__Output as _tip_v1_Halted__Output } from './tip/v1/Halted.ts';
import type { Head as _tip_v1_Head, Head__Output as _tip_v1_Head__Output } from './tip/v1/Head.ts';
import type { Health as _tip_v1_Health, Health__Output as _tip_v1_Health__Output } from './tip/v1/Health.ts';
import type { HubHello as _tip_v1_HubHello, HubHello__Output as _tip_v1_HubHello__Output } from './tip/v1/HubHello.ts';
import type { HubMessage as _tip_v1_HubMessage, HubMessage__Output as _tip_v1_HubMessage__Output } from './tip/v1/HubMessage.ts';
import type { LinkClient as _tip_v1_LinkClient, LinkDefinition as _tip_v1_LinkDefinition } from './tip/v1/Link.ts';
import type { Notice as _tip_v1_Notice, Notice__Output as _tip_v1_Notice__Output } from './tip/v1/Notice.ts';
import type { Proof as _tip_v1_Proof, Proof__Output as _tip_v1_Proof__Output } from './tip/v1/Proof.ts';
import type { Pull as _tip_v1_Pull, Pull__Output as _tip_v1_Pull__Output } from './tip/v1/Pull.ts';
import type { Section as _tip_v1_Section, Section__Output as _tip_v1_Section__Output } from './tip/v1/Section.ts';
import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from './tip/v1/StreamId.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  tip: {
    v1: {
      Ack: MessageTypeDefinition<_tip_v1_Ack, _tip_v1_Ack__Output>
      AgentHello: MessageTypeDefinition<_tip_v1_AgentHello, _tip_v1_AgentHello__Output>
      AgentMessage: MessageTypeDefinition<_tip_v1_AgentMessage, _tip_v1_AgentMessage__Output>
      Batch: MessageTypeDefinition<_tip_v1_Batch, _tip_v1_Batch__Output>
      Codec: EnumTypeDefinition
      EnrollReply: MessageTypeDefinition<_tip_v1_EnrollReply, _tip_v1_EnrollReply__Output>
      EnrollRequest: MessageTypeDefinition<_tip_v1_EnrollRequest, _tip_v1_EnrollRequest__Output>
      Gap: MessageTypeDefinition<_tip_v1_Gap, _tip_v1_Gap__Output>
      Halt: MessageTypeDefinition<_tip_v1_Halt, _tip_v1_Halt__Output>
      Halted: MessageTypeDefinition<_tip_v1_Halted, _tip_v1_Halted__Output>
      Head: MessageTypeDefinition<_tip_v1_Head, _tip_v1_Head__Output>
      Health: MessageTypeDefinition<_tip_v1_Health, _tip_v1_Health__Output>
      HubHello: MessageTypeDefinition<_tip_v1_HubHello, _tip_v1_HubHello__Output>
      HubMessage: MessageTypeDefinition<_tip_v1_HubMessage, _tip_v1_HubMessage__Output>
      /**
       * Between an agent, which dials, and its hub, which drives.
       */
      Link: SubtypeConstructor<typeof grpc.Client, _tip_v1_LinkClient> & { service: _tip_v1_LinkDefinition }
      Notice: MessageTypeDefinition<_tip_v1_Notice, _tip_v1_Notice__Output>
      Proof: MessageTypeDefinition<_tip_v1_Proof, _tip_v1_Proof__Output>
      Pull: MessageTypeDefinition<_tip_v1_Pull, _tip_v1_Pull__Output>
      Section: MessageTypeDefinition<_tip_v1_Section, _tip_v1_Section__Output>
      StreamId: MessageTypeDefinition<_tip_v1_StreamId, _tip_v1_StreamId__Output>
      Tlp: EnumTypeDefinition
    }
  }
}

