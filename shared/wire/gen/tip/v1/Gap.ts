// Original file: proto/tip/v1/link.proto


/**
 * Versions that can no longer be had, said and signed by the agent.
 */
export interface Gap {
  /**
   * msgpack: format, stream, first, last, reason.
   */
  'statement'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
}

/**
 * Versions that can no longer be had, said and signed by the agent.
 */
export interface Gap__Output {
  /**
   * msgpack: format, stream, first, last, reason.
   */
  'statement': (Buffer);
  'signature': (Buffer);
}
