// Original file: proto/tip/v1/link.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _tip_v1_AgentMessage, AgentMessage__Output as _tip_v1_AgentMessage__Output } from '../../tip/v1/AgentMessage.ts';
import type { EnrollReply as _tip_v1_EnrollReply, EnrollReply__Output as _tip_v1_EnrollReply__Output } from '../../tip/v1/EnrollReply.ts';
import type { EnrollRequest as _tip_v1_EnrollRequest, EnrollRequest__Output as _tip_v1_EnrollRequest__Output } from '../../tip/v1/EnrollRequest.ts';
import type { HubMessage as _tip_v1_HubMessage, HubMessage__Output as _tip_v1_HubMessage__Output } from '../../tip/v1/HubMessage.ts';

/**
 * Between an agent, which dials, and its hub, which drives.
 */
export interface LinkClient extends grpc.Client {
  /**
   * One stream for the life of a connection; ends after about an hour and is opened anew.
   */
  Attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tip_v1_AgentMessage, _tip_v1_HubMessage__Output>;
  Attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tip_v1_AgentMessage, _tip_v1_HubMessage__Output>;
  /**
   * One stream for the life of a connection; ends after about an hour and is opened anew.
   */
  attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tip_v1_AgentMessage, _tip_v1_HubMessage__Output>;
  attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tip_v1_AgentMessage, _tip_v1_HubMessage__Output>;
  
  /**
   * Joins: the one call that needs no JWT. The join token's secret, signed for by the new key, stands for it.
   */
  Enroll(argument: _tip_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _tip_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _tip_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  Enroll(argument: _tip_v1_EnrollRequest, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  /**
   * Joins: the one call that needs no JWT. The join token's secret, signed for by the new key, stands for it.
   */
  enroll(argument: _tip_v1_EnrollRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  enroll(argument: _tip_v1_EnrollRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  enroll(argument: _tip_v1_EnrollRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  enroll(argument: _tip_v1_EnrollRequest, callback: grpc.requestCallback<_tip_v1_EnrollReply__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Between an agent, which dials, and its hub, which drives.
 */
export interface LinkHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One stream for the life of a connection; ends after about an hour and is opened anew.
   */
  Attach: grpc.handleBidiStreamingCall<_tip_v1_AgentMessage__Output, _tip_v1_HubMessage>;
  
  /**
   * Joins: the one call that needs no JWT. The join token's secret, signed for by the new key, stands for it.
   */
  Enroll: grpc.handleUnaryCall<_tip_v1_EnrollRequest__Output, _tip_v1_EnrollReply>;
  
}

export interface LinkDefinition extends grpc.ServiceDefinition {
  Attach: MethodDefinition<_tip_v1_AgentMessage, _tip_v1_HubMessage, _tip_v1_AgentMessage__Output, _tip_v1_HubMessage__Output>
  Enroll: MethodDefinition<_tip_v1_EnrollRequest, _tip_v1_EnrollReply, _tip_v1_EnrollRequest__Output, _tip_v1_EnrollReply__Output>
}
